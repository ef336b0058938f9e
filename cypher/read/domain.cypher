// mode: read
// params: id
// returns: id, registered_ts, first_seen, last_seen, bettors, bet_cents
// timeout_ms: 2000
// version: 1
// meaning: one site with how many accounts played there and with how much money
MATCH (d:Domain {id: $id})
CALL (d) {
  MATCH (d)<-[u:BET_AT]-()
  RETURN count(u) AS bettors, sum(u.sum_cents) AS bet_cents
}
RETURN d.id AS id, d.registered_ts AS registered_ts, d.first_seen AS first_seen, d.last_seen AS last_seen, bettors,
  bet_cents
ORDER BY id
