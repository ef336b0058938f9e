// mode: read
// params: after, limit
// returns: id
// timeout_ms: 60000
// version: 1
// meaning: accounts with id above `after` ('' to begin), in order: the pages in which a job reads every movement
MATCH (a:Account)
WHERE a.id > $after
RETURN a.id AS id
ORDER BY id
LIMIT $limit
