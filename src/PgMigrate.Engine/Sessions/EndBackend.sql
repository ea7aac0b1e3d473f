-- Terminates the session with PID $2 if it still holds the lock with key $1; returns whether it did.
SELECT pg_catalog.bool_or(pg_catalog.pg_terminate_backend(l.pid) IS NOT NULL)
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory' AND l.pid = $2 AND l.objsubid = 1 AND l.granted
   AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
