// mode: schema
// params:
// returns:
// timeout_ms: 60000
// version: 1
// meaning: one SENT link per transaction
CREATE CONSTRAINT sent_tx_id IF NOT EXISTS FOR ()-[s:SENT]-() REQUIRE s.tx_id IS UNIQUE
