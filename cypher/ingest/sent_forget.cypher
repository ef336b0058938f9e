// mode: write
// params: before, limit
// returns: n
// timeout_ms: 60000
// version: 1
// meaning: drop money movements that are older than what the store keeps
MATCH (:Account)-[k:SENT]->(:Account)
WHERE k.ts < $before
WITH k ORDER BY k.tx_id LIMIT $limit
DELETE k
RETURN count(*) AS n
