// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: remove rings that are gone, with their memberships
UNWIND $rows AS r
MATCH (n:Ring {id: r.id})
DETACH DELETE n
RETURN count(*) AS n
