// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of rings
UNWIND $rows AS r
MERGE (n:Ring {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen, n.kind = r.kind, n.score = r.score, n.size = r.size, n.in_cents = r.in_cents, n.out_cents = r.out_cents, n.retained_cents = r.retained_cents
RETURN count(*) AS n
