// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add OWNS links (Operator to Domain): the operator runs the site
UNWIND $rows AS r
MATCH (a:Operator {id: r.source})
MATCH (b:Domain {id: r.target})
CREATE (a)-[k:OWNS {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
