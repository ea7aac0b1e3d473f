-- Who blocks reading the table $1: the holder of the strongest lock, or else the first session that waits for one.
SELECT pg_catalog.format('process %s, user %s, application %s, transaction since %s',
                         coalesce(l.pid::text, 'of a prepared transaction'), coalesce(a.usename, '?'),
                         coalesce(nullif(a.application_name, ''), '?'),
                         coalesce(pg_catalog.to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '?'))
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.relation = pg_catalog.to_regclass($1)
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND l.mode = 'AccessExclusiveLock'
 ORDER BY l.granted DESC
 LIMIT 1
