// mode: read
// params: id, limit
// returns: kind, label, id, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: sites an operator runs, accounts it collects with, addresses behind its sites
MATCH (o:Operator {id: $id})
CALL (o) {
  MATCH (o)-[k:OWNS|COLLECTS_WITH]->(m)
  RETURN type(k) AS kind, labels(m)[0] AS label, m.id AS thing, k.count AS count, k.sum_cents AS sum_cents,
    k.first_seen AS first_seen, k.last_seen AS last_seen
  UNION ALL
  MATCH (o)-[:OWNS]->()-[r:RESOLVES_TO]->(i)
  RETURN 'RESOLVES_TO' AS kind, 'Ip' AS label, i.id AS thing, sum(r.count) AS count, sum(r.sum_cents) AS sum_cents,
    min(r.first_seen) AS first_seen, max(r.last_seen) AS last_seen
}
RETURN kind, label, thing AS id, count, sum_cents, first_seen, last_seen
ORDER BY kind, count DESC, label, id
LIMIT $limit
