-- Gives back what the script locked with pg_advisory_lock and did not unlock, one by one, since unlock_all would take
-- ours too; then says whether ours is still there. $1 the 64-bit key. pg_locks shows a 64-bit key as two halves and a
-- pair of keys as two numbers, both without sign.
WITH held AS (
    SELECT l.objsubid, l.mode = 'ExclusiveLock' AS is_exclusive,
           (l.classid::bigint << 32) | l.objid::bigint AS key,
           (l.classid::bigint - CASE WHEN l.classid::bigint > 2147483647 THEN 4294967296 ELSE 0 END)::int AS first,
           (l.objid::bigint - CASE WHEN l.objid::bigint > 2147483647 THEN 4294967296 ELSE 0 END)::int AS second
      FROM pg_catalog.pg_locks l
     WHERE l.locktype = 'advisory' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted),
freed AS (
    SELECT CASE WHEN objsubid = 1 AND is_exclusive THEN pg_catalog.pg_advisory_unlock(key)
                WHEN objsubid = 1 THEN pg_catalog.pg_advisory_unlock_shared(key)
                WHEN is_exclusive THEN pg_catalog.pg_advisory_unlock(first, second)
                ELSE pg_catalog.pg_advisory_unlock_shared(first, second) END AS done
      FROM held
     WHERE NOT (objsubid = 1 AND key = $1))
SELECT EXISTS (SELECT FROM held WHERE objsubid = 1 AND is_exclusive AND key = $1)
   AND (SELECT pg_catalog.count(done) FROM freed) >= 0
