// mode: read
// params: rows, hi, limit
// returns: id, other, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: money that left each account of `rows` ({id, ts}) after its ts and before hi, by receiver
UNWIND $rows AS r
MATCH (a:Account {id: r.id})
MATCH (a)-[s:SENT]->(b)
WHERE s.ts > r.ts AND s.ts < $hi
RETURN a.id AS id, b.id AS other, count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_seen,
  max(s.ts) AS last_seen
ORDER BY sum_cents DESC, id, other
LIMIT $limit
