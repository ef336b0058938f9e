// mode: read
// params: ids
// returns: loan, cents
// timeout_ms: 20000
// version: 1
// meaning: loans that these persons or companies applied for, with their amounts
UNWIND $ids AS i
MATCH (p:Account {id: i})-[s:SENT]->(l)
WHERE s.channel = 'apply'
WITH DISTINCT l.id AS id, s.amount_cents AS cents
RETURN id AS loan, cents
ORDER BY loan
