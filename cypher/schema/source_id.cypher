// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Source node per id
CREATE CONSTRAINT source_id IF NOT EXISTS FOR (n:Source) REQUIRE n.id IS UNIQUE
