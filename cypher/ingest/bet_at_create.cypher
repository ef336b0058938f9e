// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add BET_AT links (Account to Domain): the account played or paid at the site
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Domain {id: r.target})
CREATE (a)-[k:BET_AT {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
