// mode: read
// params: ids, lo, hi, kinds
// returns: id, other, cents
// timeout_ms: 20000
// version: 1
// meaning: money of these kinds from each of these accounts at lo <= ts < hi, by receiver
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.kind IN $kinds AND s.ts >= $lo AND s.ts < $hi
RETURN a.id AS id, b.id AS other, sum(s.amount_cents) AS cents
ORDER BY id, other
