// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Domain node per id
CREATE CONSTRAINT domain_id IF NOT EXISTS FOR (n:Domain) REQUIRE n.id IS UNIQUE
