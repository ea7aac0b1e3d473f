-- The settings of a run, as names and values ready for SET. $1: the quoted schema to search first, or null.
-- client_connection_check_interval: an orphaned backend releases its lock within this time instead of at the end of its
-- statement. PostgreSQL 14 supports it on Linux only, later majors also on macOS and the BSDs; elsewhere it is an
-- error.
SELECT 'client_connection_check_interval', '500'
 WHERE pg_catalog.current_setting('server_version_num')::int >= 140000
   AND pg_catalog.version() ~ CASE WHEN pg_catalog.current_setting('server_version_num')::int < 150000
                                   THEN 'linux' ELSE 'linux|darwin|apple|freebsd' END
 UNION ALL
-- The locks of a client that vanished silently (power, network) are held for two hours by default.
SELECT name, value
  FROM (VALUES ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) AS k (name, value)
 UNION ALL
-- A consumer that is slow with the last result, or a wait for the lock, is no reason to end the session.
SELECT 'idle_session_timeout', '0'
 WHERE pg_catalog.current_setting('idle_session_timeout', true) <> '0'
 UNION ALL
-- Files are split by the standard's quoting rules, so the server has to read them by the same rules.
SELECT 'standard_conforming_strings', 'on'
 WHERE pg_catalog.current_setting('standard_conforming_strings') <> 'on'
 UNION ALL
-- Only read: a login that starts as another role (ALTER ROLE ... SET role) also writes its records as that role.
SELECT 'role', pg_catalog.current_setting('role')
 WHERE pg_catalog.current_setting('role') <> 'none'
 UNION ALL
-- Prepended, never replaced: a replaced path would lose a schema of extensions.
SELECT 'search_path',
       pg_catalog.concat_ws(', ', $1, nullif(pg_catalog.current_setting('search_path'), ''))
 WHERE $1 IS NOT NULL
 UNION ALL
-- Only read: autovacuum yields to a waiter after this time. In milliseconds.
SELECT 'deadlock_timeout',
       (extract(epoch FROM pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval) * 1000)::text
