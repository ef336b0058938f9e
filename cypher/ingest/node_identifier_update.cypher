// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of known Identifier nodes
UNWIND $rows AS r
MATCH (n:Identifier {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen, n.kind = r.kind
RETURN count(*) AS n
