// mode: read
// params: ids, lo, hi, limit
// returns: id, account, count, sum_cents, first_seen, last_seen
// timeout_ms: 20000
// version: 1
// meaning: accounts that used each of these addresses in lo..hi
UNWIND $ids AS i
MATCH (m:Ip {id: i})<-[u:FROM_IP]-(a)
WHERE u.last_seen >= $lo AND u.first_seen < $hi
RETURN m.id AS id, a.id AS account, u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen,
  u.last_seen AS last_seen
ORDER BY id, account
LIMIT $limit
