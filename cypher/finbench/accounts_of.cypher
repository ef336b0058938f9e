// mode: read
// params: id
// returns: id
// timeout_ms: 20000
// version: 1
// meaning: accounts that a person or company owns
MATCH (p:Account {id: $id})-[:HAS_IDENTIFIER]->(d)<-[:HAS_IDENTIFIER]-(a)
WHERE a.id <> p.id AND NOT a.id STARTS WITH 'loan:'
RETURN DISTINCT a.id AS id
ORDER BY id
