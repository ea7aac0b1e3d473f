-- What a run sets for itself, as names and values ready for SET. $1 the quoted schema to search first, or null.
-- client_connection_check_interval: an orphaned backend gives its lock back within this time instead of at the end of its
-- statement. PostgreSQL 14 knows it on Linux only, later majors on macOS and the BSDs as well; elsewhere it is an error.
SELECT 'client_connection_check_interval', '500'
 WHERE pg_catalog.current_setting('server_version_num')::int >= 140000
   AND pg_catalog.version() ~ CASE WHEN pg_catalog.current_setting('server_version_num')::int < 150000
                                   THEN 'linux' ELSE 'linux|darwin|apple|freebsd' END
 UNION ALL
-- A client that vanished without a word (power, a network that is gone) holds its locks for two hours by default.
SELECT name, value
  FROM (VALUES ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) AS k (name, value)
 UNION ALL
-- A consumer that takes its time over the last result, or a wait for the lock, is no reason to end the session.
SELECT 'idle_session_timeout', '0'
 WHERE pg_catalog.current_setting('idle_session_timeout', true) <> '0'
 UNION ALL
-- Files are cut on the standard's terms, so they have to be read on them.
SELECT 'standard_conforming_strings', 'on'
 WHERE pg_catalog.current_setting('standard_conforming_strings') <> 'on'
 UNION ALL
-- Only read: a login that starts as another role (ALTER ROLE ... SET role) keeps its records as that role, too.
SELECT 'role', pg_catalog.current_setting('role')
 WHERE pg_catalog.current_setting('role') <> 'none'
 UNION ALL
-- Prepended, never replaced: a replaced path would lose an extensions schema.
SELECT 'search_path',
       pg_catalog.concat_ws(', ', $1, nullif(pg_catalog.current_setting('search_path'), ''))
 WHERE $1 IS NOT NULL
 UNION ALL
-- Only read: autovacuum gives way to a waiter that has waited for so long. In milliseconds.
SELECT 'deadlock_timeout',
       (extract(epoch FROM pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval) * 1000)::text
