-- An orphaned backend gives its lock back within this time instead of at the end of its statement. PostgreSQL 14 knows
-- it on Linux only, later majors on macOS and the BSDs as well; elsewhere setting it is an error.
SELECT pg_catalog.set_config('client_connection_check_interval', '500', false)
 WHERE pg_catalog.current_setting('server_version_num')::int >= 140000
   AND pg_catalog.version() ~ CASE WHEN pg_catalog.current_setting('server_version_num')::int < 150000
                                   THEN 'linux' ELSE 'linux|darwin|apple|freebsd' END
