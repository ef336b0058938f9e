// mode: read
// params: id, lo, hi, min_in_cents, min_out_cents
// returns: id, in_cents, out_cents
// timeout_ms: 20000
// version: 1
// meaning: accounts that pooled transfers of more than 3 others and had money withdrawn to this one
MATCH (c:Account {id: $id})<-[s:SENT]-(m)
WHERE s.kind = 'withdrawal' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_out_cents
WITH m, sum(s.amount_cents) AS out_cents
MATCH (m)<-[t:SENT]-(x)
WHERE t.kind = 'transfer' AND t.ts >= $lo AND t.ts < $hi AND t.amount_cents > $min_in_cents
WITH m, out_cents, count(DISTINCT x.id) AS others, sum(t.amount_cents) AS in_cents
WHERE others > 3
RETURN m.id AS id, in_cents, out_cents
ORDER BY out_cents DESC, id
