// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Identifier node per id
CREATE CONSTRAINT identifier_id IF NOT EXISTS FOR (n:Identifier) REQUIRE n.id IS UNIQUE
