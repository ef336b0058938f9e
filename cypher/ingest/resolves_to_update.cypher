// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of known RESOLVES_TO links (Domain to Ip)
UNWIND $rows AS r
MATCH (a:Domain {id: r.source})
MATCH (b:Ip {id: r.target})
MERGE (a)-[k:RESOLVES_TO]->(b)
ON MATCH SET k.count = r.count, k.sum_cents = r.sum_cents, k.first_seen = r.first_seen, k.last_seen = r.last_seen
RETURN count(k.count) AS n
