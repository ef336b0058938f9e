// mode: read
// params: id, lo, hi
// returns: id
// timeout_ms: 20000
// version: 1
// meaning: blocked accounts that somebody paid who paid this one too, at lo <= ts < hi
MATCH (a:Account {id: $id})<-[s:SENT]-(m)
WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi
WITH DISTINCT a, m
MATCH (m)-[t:SENT]->(b)
WHERE t.kind = 'transfer' AND t.ts >= $lo AND t.ts < $hi AND b.id <> a.id
WITH DISTINCT b
MATCH (b)-[:FLAGGED_BY]->(l)
WHERE l.list_kind = 'block'
RETURN DISTINCT b.id AS id
ORDER BY id
