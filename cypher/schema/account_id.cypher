// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Account node per id
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE
