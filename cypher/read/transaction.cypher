// mode: read
// params: tx_id
// returns: tx_id, ts, amount_cents, currency, kind, channel, source, target
// timeout_ms: 2000
// version: 1
// meaning: one transaction with its ends
MATCH (a)-[s:SENT {tx_id: $tx_id}]->(b)
RETURN s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.currency AS currency, s.kind AS kind,
  s.channel AS channel, a.id AS source, b.id AS target
ORDER BY tx_id
