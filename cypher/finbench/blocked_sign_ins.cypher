// mode: read
// params: ids, lo, hi
// returns: id, medium
// timeout_ms: 20000
// version: 1
// meaning: blocked devices and addresses that these accounts signed in from in lo..hi
UNWIND $ids AS i
MATCH (a:Account {id: i})-[u:USED_DEVICE|FROM_IP]->(m)-[:FLAGGED_BY]->(l)
WHERE u.last_seen >= $lo AND u.first_seen < $hi AND l.list_kind = 'block'
RETURN DISTINCT a.id AS id, m.id AS medium
ORDER BY medium, id
