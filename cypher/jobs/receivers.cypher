// mode: read
// params: lo, hi, kind, min_others, limit
// returns: id, others
// timeout_ms: 60000
// version: 1
// meaning: accounts that were paid by at least min_others distinct others at lo <= ts < hi, the most first
// scan: counts the counterparties of every account: only those with enough are read further
MATCH (a:Account)<-[s:SENT]-(b:Account)
WHERE s.ts >= $lo AND s.ts < $hi AND s.kind <> 'link' AND ($kind IS NULL OR s.kind = $kind) AND b.id <> a.id
WITH a, count(DISTINCT b.id) AS others
WHERE others >= $min_others
RETURN a.id AS id, others
ORDER BY others DESC, id
LIMIT $limit
