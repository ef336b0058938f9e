// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Ring node per id
CREATE CONSTRAINT ring_id IF NOT EXISTS FOR (n:Ring) REQUIRE n.id IS UNIQUE
