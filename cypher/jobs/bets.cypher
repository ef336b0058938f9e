// mode: read
// params: ids, lo, hi, limit
// returns: id, tx_id, ts, amount_cents, market, side
// timeout_ms: 60000
// version: 1
// meaning: bets of these accounts at lo <= ts < hi that say their market and side, oldest first
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind = 'bet' AND s.market IS NOT NULL AND s.side IS NOT NULL
RETURN a.id AS id, s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.market AS market, s.side AS side
ORDER BY id, ts, tx_id
LIMIT $limit
