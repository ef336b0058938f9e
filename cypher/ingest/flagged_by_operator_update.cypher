// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: set the absolute state of known FLAGGED_BY links (Operator to Indicator)
UNWIND $rows AS r
MATCH (a:Operator {id: r.source})
MATCH (b:Indicator {id: r.target})
MERGE (a)-[k:FLAGGED_BY]->(b)
ON MATCH SET k.count = r.count, k.sum_cents = r.sum_cents, k.first_seen = r.first_seen, k.last_seen = r.last_seen
RETURN count(k.count) AS n
