// mode: read
// params: limit
// returns: label, id, domain, first_seen, last_seen
// timeout_ms: 60000
// version: 1
// meaning: sites that were served from each address, with when each was first and last seen
// scan: starts from every Domain: there are few beside accounts, and the question is about all of them
MATCH (d:Domain)-[:RESOLVES_TO]->(m:Ip)
RETURN DISTINCT 'Ip' AS label, m.id AS id, d.id AS domain, d.first_seen AS first_seen, d.last_seen AS last_seen
ORDER BY label, id, first_seen, domain
LIMIT $limit
