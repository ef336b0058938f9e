// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Operator node per id
CREATE CONSTRAINT operator_id IF NOT EXISTS FOR (n:Operator) REQUIRE n.id IS UNIQUE
