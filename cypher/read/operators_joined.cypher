// mode: read
// params: id, limit
// returns: other, kind, label, means_id, operators
// timeout_ms: 2000
// version: 1
// meaning: operators that share a collection account, a hosting address or a collector's device or identifier with this one
MATCH (o:Operator {id: $id})
CALL (o) {
  MATCH (o)-[:COLLECTS_WITH]->(m)<-[:COLLECTS_WITH]-(p)
  WHERE p.id <> o.id
  RETURN DISTINCT p.id AS other, 'collector' AS kind, 'Account' AS label, m.id AS means_id,
    COUNT { (m)<-[:COLLECTS_WITH]-() } AS operators
  UNION ALL
  MATCH (o)-[:OWNS]->()-[:RESOLVES_TO]->(m)
  WITH DISTINCT o, m
  MATCH (m)<-[:RESOLVES_TO]-()<-[:OWNS]-(p)
  WITH o, m, p.id AS other
  WITH o, m, collect(DISTINCT other) AS others
  UNWIND others AS other
  WITH o, m, others, other
  WHERE other <> o.id
  RETURN other, 'hosting' AS kind, 'Ip' AS label, m.id AS means_id, size(others) AS operators
  UNION ALL
  MATCH (o)-[:COLLECTS_WITH]->()-[:USED_DEVICE|HAS_IDENTIFIER]->(m)
  WITH DISTINCT o, m
  MATCH (m)<-[:USED_DEVICE|HAS_IDENTIFIER]-()<-[:COLLECTS_WITH]-(p)
  WITH o, m, p.id AS other
  WITH o, m, collect(DISTINCT other) AS others
  UNWIND others AS other
  WITH o, m, others, other
  WHERE other <> o.id
  RETURN other, 'means' AS kind, labels(m)[0] AS label, m.id AS means_id, size(others) AS operators
}
RETURN other, kind, label, means_id, operators
ORDER BY operators, kind, label, means_id, other
LIMIT $limit
