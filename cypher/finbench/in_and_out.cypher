// mode: read
// params: id, lo, hi, min_cents
// returns: id, sources, in_count, in_cents, in_max, targets, out_count, out_cents, out_max
// timeout_ms: 20000
// version: 1
// meaning: what an account received and sent by transfers above min_cents at lo <= ts < hi
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)<-[s:SENT]-(b)
  WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN count(DISTINCT b.id) AS sources, count(s) AS in_count, sum(s.amount_cents) AS in_cents,
    max(s.amount_cents) AS in_max
}
CALL (a) {
  MATCH (a)-[s:SENT]->(b)
  WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN count(DISTINCT b.id) AS targets, count(s) AS out_count, sum(s.amount_cents) AS out_cents,
    max(s.amount_cents) AS out_max
}
RETURN a.id AS id, sources, in_count, in_cents, in_max, targets, out_count, out_cents, out_max
ORDER BY id
