// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of known Device nodes
UNWIND $rows AS r
MATCH (n:Device {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen
RETURN count(*) AS n
