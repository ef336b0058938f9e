// mode: write
// params: rows
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: add USED_DEVICE links (Account to Device): the account acted from the device
UNWIND $rows AS r
MATCH (a:Account {id: r.source})
MATCH (b:Device {id: r.target})
CREATE (a)-[k:USED_DEVICE {count: r.count, sum_cents: r.sum_cents, first_seen: r.first_seen, last_seen: r.last_seen}]->(b)
RETURN count(*) AS n
