// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of ring memberships
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Ring {id: r.target})
MERGE (a)-[k:MEMBER_OF]->(b)
SET k.role = r.role, k.score = r.score, k.since = r.since, k.until = r.until
RETURN count(*) AS n
