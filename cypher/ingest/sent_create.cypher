// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add money movements
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Account {id: r.target})
CREATE (a)-[k:SENT {tx_id: r.tx_id, ts: r.ts, amount_cents: r.amount_cents, currency: r.currency, kind: r.kind, channel: r.channel, market: r.market, side: r.side}]->(b)
RETURN count(*) AS n
