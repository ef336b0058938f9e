// mode: read
// params: id
// returns: id, kind, score, size, in_cents, out_cents, retained_cents, first_seen, last_seen
// timeout_ms: 2000
// version: 1
// meaning: one ring as the store holds it
MATCH (r:Ring {id: $id})
RETURN r.id AS id, r.kind AS kind, r.score AS score, r.size AS size, r.in_cents AS in_cents, r.out_cents AS out_cents,
  r.retained_cents AS retained_cents, r.first_seen AS first_seen, r.last_seen AS last_seen
ORDER BY id
