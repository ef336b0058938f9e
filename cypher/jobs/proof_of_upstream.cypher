// mode: read
// params: source, targets, lo, hi, kind, limit
// returns: tx_id, ts
// timeout_ms: 20000
// version: 1
// meaning: what an account paid these accounts at lo <= ts < hi, oldest first
UNWIND $targets AS i
MATCH (b:Account {id: i})<-[s:SENT]-(a:Account {id: $source})
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind)
RETURN s.tx_id AS tx_id, s.ts AS ts
ORDER BY ts, tx_id
LIMIT $limit
