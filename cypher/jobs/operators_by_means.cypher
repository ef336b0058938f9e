// mode: read
// params: min_operators, limit
// returns: label, id, operator
// timeout_ms: 60000
// version: 1
// meaning: devices and identifiers of two or more operators' collection accounts
// scan: starts from every Operator: there are few, and the question is about all of them
MATCH (o:Operator)-[:COLLECTS_WITH]->(:Account)-[:USED_DEVICE|HAS_IDENTIFIER]->(m:Device|Identifier)
WITH m, collect(DISTINCT o.id) AS names
WHERE size(names) >= $min_operators
UNWIND names AS operator
RETURN labels(m)[0] AS label, m.id AS id, operator
ORDER BY label, id, operator
LIMIT $limit
