// mode: read
// params: id, lo, hi, min_cents
// returns: id, count, cents
// timeout_ms: 20000
// version: 1
// meaning: accounts that transferred to an account above min_cents at lo <= ts < hi
MATCH (a:Account {id: $id})<-[s:SENT]-(b)
WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
RETURN b.id AS id, count(s) AS count, sum(s.amount_cents) AS cents
ORDER BY cents DESC, id
