// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: remove memberships that ended
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Ring {id: r.target})
MATCH (a)-[k:MEMBER_OF]->(b)
DELETE k
RETURN count(*) AS n
