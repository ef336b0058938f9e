// mode: read
// params: source, target, lo, hi, limit
// returns: tx_id, ts, amount_cents, currency, kind, channel, source, target
// timeout_ms: 2000
// version: 1
// meaning: transactions from one account to another at lo <= ts < hi, oldest first
MATCH (a:Account {id: $source})-[s:SENT]->(b:Account {id: $target})
WHERE s.ts >= $lo AND s.ts < $hi
RETURN s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.currency AS currency, s.kind AS kind,
  s.channel AS channel, a.id AS source, b.id AS target
ORDER BY ts, tx_id
LIMIT $limit
