// mode: write
// params: id
// returns: position
// timeout_ms: 60000
// version: 1
// meaning: lock the log's watermark for this transaction and say how far the store is
MERGE (w:Source {id: $id})
ON CREATE SET w.position = 0
SET w.claimed = true
RETURN w.position AS position
