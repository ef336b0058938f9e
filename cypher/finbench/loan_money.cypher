// mode: read
// params: id, lo, hi, min_cents
// returns: id, deposit_cents, repay_cents, in_cents, out_cents
// timeout_ms: 20000
// version: 1
// meaning: loans paid out to, repaid by, transfers to and from an account above min_cents at lo <= ts < hi
MATCH (a:Account {id: $id})
CALL (a) {
  MATCH (a)<-[s:SENT]-()
  WHERE s.kind = 'deposit' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN sum(s.amount_cents) AS deposit_cents
}
CALL (a) {
  MATCH (a)-[s:SENT]->()
  WHERE s.kind = 'refund' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN sum(s.amount_cents) AS repay_cents
}
CALL (a) {
  MATCH (a)<-[s:SENT]-()
  WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN sum(s.amount_cents) AS in_cents
}
CALL (a) {
  MATCH (a)-[s:SENT]->()
  WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND s.amount_cents > $min_cents
  RETURN sum(s.amount_cents) AS out_cents
}
RETURN a.id AS id, deposit_cents, repay_cents, in_cents, out_cents
ORDER BY id
