-- $1 process id of the run's own session
SELECT pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 200),
       coalesce((SELECT pg_catalog.string_agg(
                            pg_catalog.format('process %s, user %s, application %s, %s', b.pid, b.usename,
                                              coalesce(nullif(b.application_name, ''), '?'), b.state), '; ')
                   FROM pg_catalog.pg_stat_activity b
                  WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))), '')
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = $1 AND a.state = 'active'
