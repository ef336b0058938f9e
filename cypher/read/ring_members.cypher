// mode: read
// params: id, limit
// returns: id, role, score, since, until
// timeout_ms: 2000
// version: 1
// meaning: members of a ring, the surest first
MATCH (r:Ring {id: $id})<-[k:MEMBER_OF]-(a)
RETURN a.id AS id, k.role AS role, k.score AS score, k.since AS since, k.until AS until
ORDER BY score DESC, id
LIMIT $limit
