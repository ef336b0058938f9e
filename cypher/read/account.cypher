// mode: read
// params: id
// returns: id, first_seen, last_seen, in_count, in_cents, out_count, out_cents
// timeout_ms: 2000
// version: 1
// meaning: one account with what it received and sent; no row when it is unknown
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)<-[r:SENT]-()
  RETURN count(r) AS in_count, sum(r.amount_cents) AS in_cents
}
CALL (a) {
  MATCH (a)-[s:SENT]->()
  RETURN count(s) AS out_count, sum(s.amount_cents) AS out_cents
}
RETURN a.id AS id, a.first_seen AS first_seen, a.last_seen AS last_seen, in_count, in_cents, out_count, out_cents
ORDER BY id
