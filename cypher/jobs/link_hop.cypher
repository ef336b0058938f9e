// mode: read
// params: ids, lo, hi, max_holders, limit
// returns: id, via, how, thing
// timeout_ms: 20000
// version: 1
// meaning: accounts one link from any of `ids`: paid or paid by them at lo <= ts < hi, or on a device, address or identifier that at most max_holders use
UNWIND $ids AS i
MATCH (a:Account {id: i})
CALL (a) {
  MATCH (a)-[s:SENT]->(b)
  WHERE s.ts >= $lo AND s.ts < $hi
  RETURN DISTINCT b.id AS other, 'SENT' AS how, '' AS thing
  UNION ALL
  MATCH (a)<-[s:SENT]-(b)
  WHERE s.ts >= $lo AND s.ts < $hi
  RETURN DISTINCT b.id AS other, 'RECEIVED' AS how, '' AS thing
  UNION ALL
  MATCH (a)-[u:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]->(m)
  WITH DISTINCT a, type(u) AS how, m, COUNT { (m)<-[:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]-() } AS holders
  WHERE holders <= $max_holders
  MATCH (m)<-[:USED_DEVICE|FROM_IP|HAS_IDENTIFIER]-(b)
  RETURN DISTINCT b.id AS other, how, m.id AS thing
}
WITH a.id AS via, other, how, thing
WHERE other <> via
RETURN other AS id, via, how, thing
ORDER BY via, how, thing, id
LIMIT $limit
