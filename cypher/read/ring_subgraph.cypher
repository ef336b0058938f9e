// mode: read
// params: id, limit
// returns: kind, source_label, source, target_label, target, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: links inside a ring: money between members, and devices, addresses and identifiers that two or more members share
MATCH (r:Ring {id: $id})
CALL (r) {
  MATCH (r)<-[:MEMBER_OF]-(a)-[s:SENT]->(b)-[:MEMBER_OF]->(r)
  RETURN 'SENT' AS kind, 'Account' AS source_label, a.id AS source, 'Account' AS target_label, b.id AS target,
    count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_seen, max(s.ts) AS last_seen
  UNION ALL
  MATCH (r)<-[:MEMBER_OF]-(a)-[u:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]->(m)
  WITH m, type(u) AS kind, collect(a.id) AS accounts, collect(u.count) AS counts, collect(u.sum_cents) AS sums,
    collect(u.first_seen) AS firsts, collect(u.last_seen) AS lasts
  WHERE size(accounts) >= 2
  UNWIND range(0, size(accounts) - 1) AS i
  RETURN kind, 'Account' AS source_label, accounts[i] AS source, labels(m)[0] AS target_label, m.id AS target,
    counts[i] AS count, sums[i] AS sum_cents, firsts[i] AS first_seen, lasts[i] AS last_seen
}
RETURN kind, source_label, source, target_label, target, count, sum_cents, first_seen, last_seen
ORDER BY count DESC, kind, target_label, source, target
LIMIT $limit
