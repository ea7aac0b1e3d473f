-- What the session $1 runs, whether it waits for a lock or for a synchronous standby, and since how many milliseconds
-- (null before PostgreSQL 14, whose pg_locks has no waitstart). One row for each session, or prepared transaction, that
-- it waits for, with the locks held on the same object. A prepared transaction has the process id 0.
WITH locks AS MATERIALIZED (
    SELECT l.*, pg_catalog.concat_ws(' ', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid,
                                     l.transactionid, l.classid, l.objid, l.objsubid) AS object,
           (pg_catalog.to_jsonb(l) ->> 'waitstart')::timestamptz AS since
      FROM pg_catalog.pg_locks l),
wanted AS (SELECT * FROM locks WHERE pid = $1 AND NOT granted LIMIT 1),
blockers AS (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS pid)
SELECT pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 200),
       coalesce(a.wait_event_type = 'Lock', false),
       b.pid, o.usename::text, nullif(o.application_name, ''),
       CASE WHEN b.pid = 0 THEN 'prepared' ELSE o.state END,
       (extract(epoch FROM pg_catalog.clock_timestamp() - o.xact_start) * 1000)::pg_catalog.float8,
       CASE WHEN b.pid = 0
            THEN (SELECT pg_catalog.string_agg('PREPARE TRANSACTION ' || pg_catalog.quote_literal(p.gid), '; ')
                    FROM locks h JOIN pg_catalog.pg_prepared_xacts p ON h.virtualtransaction = '-1/' || p.transaction
                   WHERE h.pid IS NULL AND h.object = w.object)
            ELSE nullif(pg_catalog.left(pg_catalog.regexp_replace(o.query, '\s+', ' ', 'g'), 200), '') END,
       (SELECT pg_catalog.string_agg(DISTINCT h.mode, ', ')
          FROM locks h
         WHERE h.object = w.object AND h.granted AND coalesce(h.pid, 0) = b.pid),
       -- A session that waits for a row waits for the transaction of the other, and holds the tuple lock meanwhile.
       coalesce(coalesce(w.relation, (SELECT t.relation FROM locks t
                                       WHERE t.pid = $1 AND t.locktype = 'tuple' LIMIT 1))::pg_catalog.regclass::text,
                w.locktype),
       coalesce(a.wait_event = 'SyncRep', false),
       (extract(epoch FROM pg_catalog.clock_timestamp() - w.since) * 1000)::pg_catalog.float8
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN blockers b ON true
  LEFT JOIN wanted w ON true
  LEFT JOIN pg_catalog.pg_stat_activity o ON o.pid = b.pid
 WHERE a.pid = $1 AND a.state = 'active'
 ORDER BY b.pid
