// mode: read
// params: id, limit
// returns: kind, label, id, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: devices, addresses, identifiers and sites an account used, the most used first
MATCH (a:Account {id: $id})-[u:USED_DEVICE|FROM_IP|HAS_IDENTIFIER|BET_AT]->(m)
RETURN type(u) AS kind, labels(m)[0] AS label, m.id AS id, u.count AS count, u.sum_cents AS sum_cents,
  u.first_seen AS first_seen, u.last_seen AS last_seen
ORDER BY count DESC, kind, label, id
LIMIT $limit
