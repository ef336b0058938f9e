// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add HAS_IDENTIFIER links (Account to Identifier): the account belongs to the identifier's holder
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Identifier {id: r.target})
CREATE (a)-[k:HAS_IDENTIFIER {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
