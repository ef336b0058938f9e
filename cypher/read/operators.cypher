// mode: read
// params: after, limit
// returns: id, licensed, first_seen, last_seen, domains, collectors
// timeout_ms: 2000
// version: 1
// meaning: operators with id above `after` ('' to begin), with how many sites and collection accounts each has
MATCH (o:Operator)
WHERE o.id > $after
WITH o
ORDER BY o.id
LIMIT $limit
RETURN o.id AS id, o.licensed AS licensed, o.first_seen AS first_seen, o.last_seen AS last_seen,
  COUNT { (o)-[:OWNS]->() } AS domains, COUNT { (o)-[:COLLECTS_WITH]->() } AS collectors
ORDER BY id
