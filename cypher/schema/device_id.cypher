// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Device node per id
CREATE CONSTRAINT device_id IF NOT EXISTS FOR (n:Device) REQUIRE n.id IS UNIQUE
