// mode: read
// params: ids, lo, hi, kind, window_ms, min_cents, tolerance_bp, limit
// returns: id, account2, account3, account4, tx1, ts1, cents1, tx2, ts2, cents2, tx3, ts3, cents3, tx4, ts4, cents4
// timeout_ms: 20000
// version: 1
// meaning: money back at its sender after 4 hops, each later than the one before, all within window_ms of the first
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s1:SENT]->(b)
WHERE s1.ts >= $lo AND s1.ts < $hi AND s1.amount_cents >= $min_cents AND b.id <> a.id
  AND s1.kind <> 'link' AND ($kind IS NULL OR s1.kind = $kind)
MATCH (b)-[s2:SENT]->(c)
WHERE s2.ts > s1.ts AND s2.ts <= s1.ts + $window_ms AND s2.ts < $hi AND s2.amount_cents >= $min_cents
  AND c.id <> a.id AND c.id <> b.id
  AND s2.kind <> 'link' AND ($kind IS NULL OR s2.kind = $kind)
  AND ($tolerance_bp IS NULL
    OR abs(s2.amount_cents - s1.amount_cents) * 10000 <= s1.amount_cents * $tolerance_bp)
MATCH (c)-[s3:SENT]->(d)
WHERE s3.ts > s2.ts AND s3.ts <= s1.ts + $window_ms AND s3.ts < $hi AND s3.amount_cents >= $min_cents
  AND d.id <> a.id AND d.id <> b.id AND d.id <> c.id
  AND s3.kind <> 'link' AND ($kind IS NULL OR s3.kind = $kind)
  AND ($tolerance_bp IS NULL
    OR abs(s3.amount_cents - s2.amount_cents) * 10000 <= s2.amount_cents * $tolerance_bp)
MATCH (d)-[s4:SENT]->(a)
WHERE s4.ts > s3.ts AND s4.ts <= s1.ts + $window_ms AND s4.ts < $hi AND s4.amount_cents >= $min_cents
  AND s4.kind <> 'link' AND ($kind IS NULL OR s4.kind = $kind)
  AND ($tolerance_bp IS NULL
    OR abs(s4.amount_cents - s3.amount_cents) * 10000 <= s3.amount_cents * $tolerance_bp)
RETURN a.id AS id, b.id AS account2, c.id AS account3, d.id AS account4,
  s1.tx_id AS tx1, s1.ts AS ts1, s1.amount_cents AS cents1,
  s2.tx_id AS tx2, s2.ts AS ts2, s2.amount_cents AS cents2,
  s3.tx_id AS tx3, s3.ts AS ts3, s3.amount_cents AS cents3,
  s4.tx_id AS tx4, s4.ts AS ts4, s4.amount_cents AS cents4
ORDER BY id, ts1, tx1, tx2, tx3, tx4
LIMIT $limit
