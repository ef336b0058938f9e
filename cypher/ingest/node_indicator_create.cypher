// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add Indicator nodes
UNWIND $rows AS r
CREATE (n:Indicator {id: r.id})
SET n.first_seen = r.first_seen, n.last_seen = r.last_seen, n.list_kind = r.list_kind, n.list_name = r.list_name
RETURN count(*) AS n
