// mode: read
// params: rows, hi
// returns: id, other, first_ts
// timeout_ms: 20000
// version: 1
// meaning: accounts that each of `rows` ({id, ts}) transferred to after its ts and before hi, with the first time
UNWIND $rows AS r
MATCH (a:Account {id: r.id})-[s:SENT]->(b)
WHERE s.kind = 'transfer' AND s.ts > r.ts AND s.ts < $hi
RETURN a.id AS id, b.id AS other, min(s.ts) AS first_ts
ORDER BY id, other
