// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Indicator node per id
CREATE CONSTRAINT indicator_id IF NOT EXISTS FOR (n:Indicator) REQUIRE n.id IS UNIQUE
