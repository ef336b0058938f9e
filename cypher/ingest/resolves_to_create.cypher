// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add RESOLVES_TO links (Domain to Ip): the domain was served from the address
UNWIND $rows AS r
MATCH (a:Domain {id: r.source})
MATCH (b:Ip {id: r.target})
CREATE (a)-[k:RESOLVES_TO {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
