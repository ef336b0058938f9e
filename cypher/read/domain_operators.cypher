// mode: read
// params: id, limit
// returns: id, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: operators that run a site
MATCH (d:Domain {id: $id})<-[k:OWNS]-(o)
RETURN o.id AS id, k.count AS count, k.sum_cents AS sum_cents, k.first_seen AS first_seen, k.last_seen AS last_seen
ORDER BY count DESC, id
LIMIT $limit
