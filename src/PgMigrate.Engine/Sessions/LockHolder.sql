-- $1: the 64-bit key, which pg_locks shows as two halves.
SELECT pg_catalog.format('process %s, user %s, application %s, since %s',
                         l.pid, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), '?'),
                         coalesce(pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '?'))
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
 LIMIT 1
