// mode: read
// params: ids, channel, lo, hi
// returns: id, other
// timeout_ms: 20000
// version: 1
// meaning: parties that each of these is linked to by `channel` (invest, guarantee) at lo <= ts < hi
UNWIND $ids AS i
MATCH (a:Account {id: i})-[s:SENT]->(b)
WHERE s.kind = 'link' AND s.channel = $channel AND s.ts >= $lo AND s.ts < $hi
RETURN DISTINCT a.id AS id, b.id AS other
ORDER BY other, id
