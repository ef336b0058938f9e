// mode: read
// params: id, limit
// returns: kind, label, means_id, other, holders, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: accounts on the same device, address or identifier as this one; means with fewest holders first, hubs last
MATCH (a:Account {id: $id})-[:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]->(m)
WITH DISTINCT a, m, COUNT { (m)<-[:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]-() } AS holders
MATCH (m)<-[v:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]-(b)
WHERE b.id <> a.id
RETURN type(v) AS kind, labels(m)[0] AS label, m.id AS means_id, b.id AS other, holders, v.count AS count,
  v.sum_cents AS sum_cents, v.first_seen AS first_seen, v.last_seen AS last_seen
ORDER BY holders, label, means_id, other
LIMIT $limit
