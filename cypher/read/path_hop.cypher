// mode: read
// params: ids, lo, hi, limit
// returns: id, via
// timeout_ms: 2000
// version: 1
// meaning: accounts that any of `ids` sent to at lo <= ts < hi, each with the smallest of those that reached it
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.ts >= $lo AND s.ts < $hi
RETURN b.id AS id, min(a.id) AS via
ORDER BY id
LIMIT $limit
