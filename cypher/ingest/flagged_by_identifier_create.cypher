// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add FLAGGED_BY links (Identifier to Indicator): the entity is on a list
UNWIND $rows AS r
MATCH (a:Identifier {id: r.source})
MATCH (b:Indicator {id: r.target})
CREATE (a)-[k:FLAGGED_BY {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
