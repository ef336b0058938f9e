// mode: read
// params: ids, lo, hi, kind, limit
// returns: id, tx_id, ts, amount_cents, other
// timeout_ms: 20000
// version: 1
// meaning: transactions each account sent at lo <= ts < hi, oldest first, without those to itself
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind) AND b.id <> a.id
RETURN a.id AS id, s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, b.id AS other
ORDER BY id, ts, tx_id
LIMIT $limit
