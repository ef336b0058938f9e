// mode: read
// params: lo, hi, kind, min_cents, limit
// returns: id, in_cents, out_cents
// timeout_ms: 60000
// version: 1
// meaning: accounts that received at least min_cents at lo <= ts < hi and sent after the first of it, most money first
// scan: adds up what every account received: only those with enough are read further
MATCH (a:Account)<-[s:SENT]-(b:Account)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind) AND b.id <> a.id
WITH a, sum(s.amount_cents) AS in_cents, min(s.ts) AS first_in
WHERE in_cents >= $min_cents
MATCH (a)-[r:SENT]->(c:Account)
WHERE r.ts > first_in AND r.ts < $hi AND r.kind <> 'link' AND ($kind IS NULL OR r.kind = $kind) AND c.id <> a.id
WITH a, in_cents, sum(r.amount_cents) AS out_cents
RETURN a.id AS id, in_cents, out_cents
ORDER BY in_cents DESC, id
LIMIT $limit
