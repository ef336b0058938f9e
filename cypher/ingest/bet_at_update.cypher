// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of known BET_AT links (Account to Domain)
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Domain {id: r.target})
MERGE (a)-[k:BET_AT]->(b)
ON MATCH SET k.count = r.count, k.sum_cents = r.sum_cents, k.first_seen = r.first_seen, k.last_seen = r.last_seen
RETURN count(k.count) AS n
