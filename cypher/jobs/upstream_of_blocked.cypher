// mode: read
// params: lo, hi, kind, min_blocked, limit
// returns: id, blocked, count, sum_cents, first_ts, last_ts, sent
// timeout_ms: 60000
// version: 1
// meaning: accounts that paid min_blocked or more distinct blocked accounts at lo <= ts < hi, with all they ever sent
// scan: starts from every list entry: there are few beside accounts, and only those that block are followed
MATCH (i:Indicator)<-[:FLAGGED_BY]-(b:Account)
WHERE i.list_kind = 'block'
WITH DISTINCT b
MATCH (b)<-[s:SENT]-(a)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind) AND a.id <> b.id
WITH a, collect(DISTINCT b.id) AS blocked, count(s) AS count, sum(s.amount_cents) AS sum_cents, min(s.ts) AS first_ts,
  max(s.ts) AS last_ts
WHERE size(blocked) >= $min_blocked
RETURN a.id AS id, blocked, count, sum_cents, first_ts, last_ts, COUNT { (a)-[:SENT]->() } AS sent
ORDER BY sum_cents DESC, id
LIMIT $limit
