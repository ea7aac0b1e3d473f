-- True when this is the session with PID $2 and it holds the lock with key $1.
SELECT pg_catalog.pg_backend_pid() = $2
   AND EXISTS (SELECT
                 FROM pg_catalog.pg_locks l
                WHERE l.locktype = 'advisory' AND l.pid = $2 AND l.objsubid = 1 AND l.granted
                  AND ((l.classid::bigint << 32) | l.objid::bigint) = $1)
