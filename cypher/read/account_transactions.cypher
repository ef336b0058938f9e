// mode: read
// params: id, lo, hi, limit
// returns: tx_id, ts, amount_cents, currency, kind, channel, source, target
// timeout_ms: 2000
// version: 1
// meaning: transactions an account sent or received at lo <= ts < hi, newest first; one to itself stands once
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)-[s:SENT]->(b)
  WHERE s.ts >= $lo AND s.ts < $hi
  RETURN s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.currency AS currency, s.kind AS kind,
    s.channel AS channel, a.id AS source, b.id AS target
  UNION ALL
  MATCH (a)<-[s:SENT]-(b)
  WHERE s.ts >= $lo AND s.ts < $hi AND b.id <> a.id
  RETURN s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.currency AS currency, s.kind AS kind,
    s.channel AS channel, b.id AS source, a.id AS target
}
RETURN tx_id, ts, amount_cents, currency, kind, channel, source, target
ORDER BY ts DESC, tx_id
LIMIT $limit
