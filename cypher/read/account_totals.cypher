// mode: read
// params: ids
// returns: id, first_seen, last_seen, in_count, in_cents, out_count, out_cents
// timeout_ms: 2000
// version: 1
// meaning: several accounts with what each received and sent; unknown ones are left out
UNWIND $ids AS i
MATCH (a:Account {id: i})
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
