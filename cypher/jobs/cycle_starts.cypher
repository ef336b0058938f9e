// mode: read
// params: lo, hi, kind, min_cents, limit
// returns: id
// timeout_ms: 60000
// version: 1
// meaning: accounts that sent money before some of it could come back: where a rising cycle may start
// scan: looks at every account once, so that the search for cycles starts only where one can be
MATCH (a:Account)-[s:SENT]->(b:Account)
WHERE s.ts >= $lo AND s.ts < $hi AND s.amount_cents >= $min_cents AND s.kind <> 'link'
  AND ($kind IS NULL OR s.kind = $kind) AND b.id <> a.id
WITH a, min(s.ts) AS first_out
MATCH (a)<-[r:SENT]-(c:Account)
WHERE r.ts > first_out AND r.ts < $hi AND r.amount_cents >= $min_cents AND r.kind <> 'link'
  AND ($kind IS NULL OR r.kind = $kind) AND c.id <> a.id
WITH DISTINCT a.id AS id
RETURN id
ORDER BY id
LIMIT $limit
