// mode: read
// params: lo, hi, min_accounts, max_accounts, limit
// returns: id, accounts
// timeout_ms: 60000
// version: 1
// meaning: sites held by min_accounts to max_accounts accounts seen in lo..hi, the most shared first
// scan: counts the holders of every Domain: the question is about all of them
MATCH (m:Domain)<-[u:BET_AT]-(a:Account)
WHERE u.last_seen >= $lo AND u.first_seen < $hi
WITH m, count(DISTINCT a.id) AS accounts
WHERE accounts >= $min_accounts AND accounts <= $max_accounts
RETURN m.id AS id, accounts
ORDER BY accounts DESC, id
LIMIT $limit
