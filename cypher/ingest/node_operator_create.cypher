// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add Operator nodes
UNWIND $rows AS r
CREATE (n:Operator {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen, n.licensed = r.licensed
RETURN count(*) AS n
