// mode: read
// params: rows, lo
// returns: id, other, last_ts
// timeout_ms: 20000
// version: 1
// meaning: accounts that transferred to each of `rows` ({id, ts}) before its ts and from lo on, with the last time
UNWIND $rows AS r
MATCH (a:Account {id: r.id})<-[s:SENT]-(b)
WHERE s.kind = 'transfer' AND s.ts < r.ts AND s.ts >= $lo
RETURN a.id AS id, b.id AS other, max(s.ts) AS last_ts
ORDER BY id, other
