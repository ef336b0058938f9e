// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add COLLECTS_WITH links (Operator to Account): the operator takes money through the account
UNWIND $rows AS r
MATCH (a:Operator {id: r.source})
MATCH (b:Account {id: r.target})
CREATE (a)-[k:COLLECTS_WITH {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
