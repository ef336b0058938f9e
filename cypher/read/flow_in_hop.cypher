// mode: read
// params: rows, lo, limit
// returns: id, other, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: money that reached each account of `rows` ({id, ts}) before its ts and from lo on, by sender
UNWIND $rows AS r
MATCH (a:Account {id: r.id})
MATCH (a)<-[s:SENT]-(b)
WHERE s.ts >= $lo AND s.ts < r.ts
RETURN a.id AS id, b.id AS other, count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_seen,
  max(s.ts) AS last_seen
ORDER BY sum_cents DESC, id, other
LIMIT $limit
