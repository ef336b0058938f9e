// mode: read
// params: min_operators, limit
// returns: label, id, operator
// timeout_ms: 60000
// version: 1
// meaning: addresses behind the sites of two or more operators
// scan: starts from every Operator: there are few, and the question is about all of them
MATCH (o:Operator)-[:OWNS]->(:Domain)-[:RESOLVES_TO]->(m:Ip)
WITH m, collect(DISTINCT o.id) AS names
WHERE size(names) >= $min_operators
UNWIND names AS operator
RETURN 'Ip' AS label, m.id AS id, operator
ORDER BY label, id, operator
LIMIT $limit
