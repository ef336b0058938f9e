// mode: read
// params: label, id, limit
// returns: id, count, sum_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: accounts that used a Device, Ip, Identifier or Domain, the most active first
CALL () {
  MATCH (m:Device {id: $id})<-[u:USED_DEVICE]-(a)
  WHERE $label = 'Device'
  RETURN a.id AS account, u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen,
    u.last_seen AS last_seen
  UNION ALL
  MATCH (m:Ip {id: $id})<-[u:FROM_IP]-(a)
  WHERE $label = 'Ip'
  RETURN a.id AS account, u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen,
    u.last_seen AS last_seen
  UNION ALL
  MATCH (m:Identifier {id: $id})<-[u:HAS_IDENTIFIER]-(a)
  WHERE $label = 'Identifier'
  RETURN a.id AS account, u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen,
    u.last_seen AS last_seen
  UNION ALL
  MATCH (m:Domain {id: $id})<-[u:BET_AT]-(a)
  WHERE $label = 'Domain'
  RETURN a.id AS account, u.count AS count, u.sum_cents AS sum_cents, u.first_seen AS first_seen,
    u.last_seen AS last_seen
}
RETURN account AS id, count, sum_cents, first_seen, last_seen
ORDER BY count DESC, id
LIMIT $limit
