// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add Domain nodes
UNWIND $rows AS r
CREATE (n:Domain {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen, n.registered_ts = r.registered_ts
RETURN count(*) AS n
