// mode: read
// params: ids, lo, hi
// returns: id, cents
// timeout_ms: 20000
// version: 1
// meaning: accounts of companies that these accounts transferred to at lo <= ts < hi
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi
WITH b, sum(s.amount_cents) AS cents
MATCH (b)-[:HAS_IDENTIFIER]->(d)<-[:HAS_IDENTIFIER]-(c)
WHERE c.id STARTS WITH 'company:'
WITH DISTINCT b.id AS id, cents
RETURN id, cents
ORDER BY cents DESC, id
