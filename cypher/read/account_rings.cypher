// mode: read
// params: id, limit
// returns: id, kind, score, size, role
// timeout_ms: 2000
// version: 1
// meaning: rings an account is in, the highest score first
MATCH (a:Account {id: $id})-[k:MEMBER_OF]->(r)
RETURN r.id AS id, r.kind AS kind, r.score AS score, r.size AS size, k.role AS role
ORDER BY score DESC, id
LIMIT $limit
