// mode: read
// params: id, label?
// returns: label, indicator, list_kind, list_name, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: list entries that name this id, of every label or of one
CALL () {
  MATCH (n:Account {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Account'
  RETURN 'Account' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
  UNION ALL
  MATCH (n:Device {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Device'
  RETURN 'Device' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
  UNION ALL
  MATCH (n:Domain {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Domain'
  RETURN 'Domain' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
  UNION ALL
  MATCH (n:Identifier {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Identifier'
  RETURN 'Identifier' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
  UNION ALL
  MATCH (n:Ip {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Ip'
  RETURN 'Ip' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
  UNION ALL
  MATCH (n:Operator {id: $id})-[f:FLAGGED_BY]->(i)
  WHERE $label IS NULL OR $label = 'Operator'
  RETURN 'Operator' AS label, i.id AS indicator, i.list_kind AS list_kind, i.list_name AS list_name,
    f.first_seen AS first_seen, f.last_seen AS last_seen
}
RETURN label, indicator, list_kind, list_name, first_seen, last_seen
ORDER BY list_kind, list_name, label, indicator
