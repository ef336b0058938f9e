// mode: read
// params: ids, lo, hi, kind, min_cents, max_cents
// returns: first_id, sources, targets, tx_ids, times, cents, kinds
// timeout_ms: 60000
// version: 1
// meaning: what these accounts sent at lo <= ts < hi to others, as columns of one row (empty when they sent nothing)
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind) AND b.id <> a.id
  AND s.amount_cents >= $min_cents AND ($max_cents IS NULL OR s.amount_cents <= $max_cents)
WITH a.id AS source, b.id AS target, s.tx_id AS tx_id, s.ts AS ts, s.amount_cents AS amount_cents, s.kind AS kind
RETURN min(source) AS first_id, collect(source) AS sources, collect(target) AS targets, collect(tx_id) AS tx_ids,
  collect(ts) AS times, collect(amount_cents) AS cents, collect(kind) AS kinds
ORDER BY first_id
