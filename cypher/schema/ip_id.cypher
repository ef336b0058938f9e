// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one Ip node per id
CREATE CONSTRAINT ip_id IF NOT EXISTS FOR (n:Ip) REQUIRE n.id IS UNIQUE
