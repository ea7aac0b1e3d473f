-- Signals the sessions that keep the session $1 from a lock. Returns for each whether it was signalled, or why not.
-- Only sessions that hold the lock, not those that wait ahead in the queue. Only clients: no replication, and no
-- autovacuum, which cancels itself unless it prevents a wraparound. No superuser, no run of PgMigrate, no session that
-- is merely an old transaction or holds an advisory lock. None when the wait has lasted for more than $2 milliseconds
-- by the clock of the server: it would end before they do. No row when the wait has ended. pg_locks has no waitstart
-- before PostgreSQL 14.
WITH locks AS MATERIALIZED (
    SELECT l.*, pg_catalog.concat_ws(' ', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                     l.transactionid, l.classid, l.objid, l.objsubid) AS object,
           (pg_catalog.to_jsonb(l) ->> 'waitstart')::timestamptz AS since
      FROM pg_catalog.pg_locks l),
wanted AS (SELECT * FROM locks WHERE pid = $1 AND NOT granted LIMIT 1),
blockers AS (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS pid),
chosen AS MATERIALIZED (
    SELECT b.pid,
           CASE WHEN b.pid = 0 THEN 'is a prepared transaction'
                WHEN w.locktype = 'virtualxid' THEN 'is merely an old transaction'
                WHEN w.locktype = 'advisory' THEN 'holds an advisory lock'
                WHEN r.rolsuper THEN 'belongs to a superuser'
                WHEN a.application_name LIKE 'PgMigrate%' THEN 'is another run of PgMigrate'
                WHEN a.backend_type IS NULL THEN 'may not be seen by the login, which needs its role or pg_read_all_stats'
                WHEN a.backend_type <> 'client backend' THEN 'is a server process: ' || a.backend_type
                WHEN NOT EXISTS (SELECT FROM locks h WHERE h.object = w.object AND h.pid = b.pid AND h.granted)
                THEN 'only waits ahead in the queue' END AS skip_reason,
           coalesce(pg_catalog.clock_timestamp() - w.since > $2 * interval '1 ms', false) AS is_late
      FROM blockers b
      JOIN wanted w ON true
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
     WHERE b.pid = 0 OR a.pid <> pg_catalog.pg_backend_pid())
SELECT pid, skip_reason, is_late, CASE WHEN skip_reason IS NULL AND NOT is_late THEN {signal}(pid) ELSE false END FROM chosen
