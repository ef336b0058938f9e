// mode: read
// params: limit
// returns: label, id, domain, first_seen, last_seen
// timeout_ms: 60000
// version: 1
// meaning: sites of every operator, with when each was first and last seen
// scan: starts from every Operator: there are few, and the question is about all of them
MATCH (o:Operator)-[:OWNS]->(d:Domain)
RETURN DISTINCT 'Operator' AS label, o.id AS id, d.id AS domain, d.first_seen AS first_seen, d.last_seen AS last_seen
ORDER BY label, id, first_seen, domain
LIMIT $limit
