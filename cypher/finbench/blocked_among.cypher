// mode: read
// params: ids
// returns: id
// timeout_ms: 20000
// version: 1
// meaning: accounts among these that are blocked
UNWIND $ids AS i
MATCH (a:Account {id: i})-[:FLAGGED_BY]->(l)
WHERE l.list_kind = 'block'
RETURN DISTINCT a.id AS id
ORDER BY id
