// mode: read
// params: id, limit
// returns: id, direction, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: accounts this one received from (in) or sent to (out), each direction on its own, most money first
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)<-[s:SENT]-(b)
  RETURN b.id AS other, 'in' AS direction, count(s) AS count, sum(s.amount_cents) AS sum_cents,
    min(s.ts) AS first_seen, max(s.ts) AS last_seen
  UNION ALL
  MATCH (a)-[s:SENT]->(b)
  RETURN b.id AS other, 'out' AS direction, count(s) AS count, sum(s.amount_cents) AS sum_cents,
    min(s.ts) AS first_seen, max(s.ts) AS last_seen
}
RETURN other AS id, direction, count, sum_cents, first_seen, last_seen
ORDER BY sum_cents DESC, direction, id
LIMIT $limit
