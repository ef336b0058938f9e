// mode: write
// params: id, position
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: move the log's watermark
MATCH (w:Source {id: $id})
SET w.position = $position
RETURN count(*) AS n
