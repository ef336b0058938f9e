// mode: read
// params: ids, lo, hi
// returns: id, loan, cents, balance_cents
// timeout_ms: 20000
// version: 1
// meaning: loans paid out to these accounts at lo <= ts < hi, with amount and balance
UNWIND $ids AS i
MATCH (a:Account {id: i})<-[s:SENT]-(l)
WHERE s.kind = 'deposit' AND s.ts >= $lo AND s.ts < $hi
WITH DISTINCT a, l
MATCH (l)<-[p:SENT]-()
WHERE p.channel = 'apply'
WITH a, l, max(p.amount_cents) AS cents
MATCH (l)-[q:SENT]->()
WHERE q.channel = 'balance'
RETURN a.id AS id, l.id AS loan, cents, max(q.amount_cents) AS balance_cents
ORDER BY loan, id
