// mode: read
// params: ids, lo, hi
// returns: id, other, ts, tx_id
// timeout_ms: 20000
// version: 1
// meaning: transfers out of these accounts at lo <= ts < hi
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi
RETURN a.id AS id, b.id AS other, s.ts AS ts, s.tx_id AS tx_id
ORDER BY id, ts, tx_id
