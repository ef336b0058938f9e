// mode: read
// params: id, limit
// returns: kind, source_label, source, target_label, target, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: everything linked to an account, one row per pair and link kind, the busiest first
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)-[s:SENT]->(b)
  RETURN 'SENT' AS kind, 'Account' AS source_label, a.id AS source, 'Account' AS target_label, b.id AS target,
    count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_seen, max(s.ts) AS last_seen
  UNION ALL
  MATCH (a)<-[s:SENT]-(b)
  WHERE b.id <> a.id
  RETURN 'SENT' AS kind, 'Account' AS source_label, b.id AS source, 'Account' AS target_label, a.id AS target,
    count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_seen, max(s.ts) AS last_seen
  UNION ALL
  MATCH (a)-[u:USED_DEVICE|FROM_IP|HAS_IDENTIFIER|BET_AT|FLAGGED_BY]->(m)
  RETURN type(u) AS kind, 'Account' AS source_label, a.id AS source, labels(m)[0] AS target_label, m.id AS target,
    u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen, u.last_seen AS last_seen
  UNION ALL
  MATCH (a)<-[k:COLLECTS_WITH]-(o)
  RETURN 'COLLECTS_WITH' AS kind, 'Operator' AS source_label, o.id AS source, 'Account' AS target_label, a.id AS target,
    k.count AS count, k.sum_cents AS sum_cents, k.first_seen AS first_seen, k.last_seen AS last_seen
}
RETURN kind, source_label, source, target_label, target, count, sum_cents, first_seen, last_seen
ORDER BY count DESC, kind, source_label, target_label, source, target
LIMIT $limit
