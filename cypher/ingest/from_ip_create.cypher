// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add FROM_IP links (Account to Ip): the account acted from the address
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Ip {id: r.target})
CREATE (a)-[k:FROM_IP {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
