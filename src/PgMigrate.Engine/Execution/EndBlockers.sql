-- Tells those who keep the session $1 from a lock to give way, and says who was told. Only who holds the lock, not who
-- waits ahead in the queue; only clients, so no replication and no autovacuum, which gives way by itself unless it
-- prevents a wraparound; no superuser, no run of PgMigrate, nobody who is merely an old transaction or holds an advisory
-- lock.
WITH locks AS MATERIALIZED (
    SELECT l.*, pg_catalog.concat_ws(' ', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                     l.transactionid, l.classid, l.objid, l.objsubid) AS object
      FROM pg_catalog.pg_locks l),
wanted AS (
    SELECT * FROM locks WHERE pid = $1 AND NOT granted AND locktype NOT IN ('virtualxid', 'advisory') LIMIT 1),
chosen AS MATERIALIZED (
    SELECT a.pid
      FROM pg_catalog.pg_stat_activity a
      JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
     WHERE a.pid = ANY (pg_catalog.pg_blocking_pids($1)) AND a.pid <> pg_catalog.pg_backend_pid()
       AND a.backend_type = 'client backend' AND NOT r.rolsuper AND a.application_name NOT LIKE 'PgMigrate%'
       AND EXISTS (SELECT FROM locks h JOIN wanted w ON w.object = h.object WHERE h.pid = a.pid AND h.granted))
SELECT pid FROM chosen WHERE {signal}(pid)
