// mode: read
// params: id, lo, hi, limit
// returns: id, in_count, in_cents, out_count, out_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: accounts that exchanged most money with this one at lo <= ts < hi, both directions added
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)<-[s:SENT]-(b)
  WHERE s.ts >= $lo AND s.ts < $hi
  RETURN b.id AS other, count(s) AS received, sum(s.amount_cents) AS received_cents, 0 AS given, 0 AS given_cents,
    min(s.ts) AS first, max(s.ts) AS last
  UNION ALL
  MATCH (a)-[s:SENT]->(b)
  WHERE s.ts >= $lo AND s.ts < $hi
  RETURN b.id AS other, 0 AS received, 0 AS received_cents, count(s) AS given, sum(s.amount_cents) AS given_cents,
    min(s.ts) AS first, max(s.ts) AS last
}
WITH other, sum(received) AS in_count, sum(received_cents) AS in_cents, sum(given) AS out_count,
  sum(given_cents) AS out_cents, min(first) AS first_seen, max(last) AS last_seen
RETURN other AS id, in_count, in_cents, out_count, out_cents, first_seen, last_seen
ORDER BY in_cents + out_cents DESC, id
LIMIT $limit
