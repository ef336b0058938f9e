// mode: read
// params: source, target, lo, hi
// returns: id, in_count, in_cents, in_max, out_count, out_cents, out_max
// timeout_ms: 20000
// version: 1
// meaning: accounts that close a ring over source and target: paid by target, paying source
MATCH (b:Account {id: $target})-[s:SENT]->(o)
WHERE s.kind = 'transfer' AND s.ts >= $lo AND s.ts < $hi AND o.id <> $source AND o.id <> $target
WITH o, count(s) AS in_count, sum(s.amount_cents) AS in_cents, max(s.amount_cents) AS in_max
MATCH (o)-[t:SENT]->(a:Account {id: $source})
WHERE t.kind = 'transfer' AND t.ts >= $lo AND t.ts < $hi
RETURN o.id AS id, in_count, in_cents, in_max, count(t) AS out_count, sum(t.amount_cents) AS out_cents,
  max(t.amount_cents) AS out_max
ORDER BY out_cents DESC, in_cents DESC, id
