// mode: read
// params: id
// returns: id, licensed, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: one operator; licensed is null while no source says
MATCH (o:Operator {id: $id})
RETURN o.id AS id, o.licensed AS licensed, o.first_seen AS first_seen, o.last_seen AS last_seen
ORDER BY id
