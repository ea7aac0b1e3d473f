-- Takes the lock with key $1, but only where that is useful: in the session with PID $2, on a server that accepts
-- writes. The answer says what was found, in the same round trip.
SELECT pg_catalog.pg_backend_pid(),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only') = 'on',
       CASE WHEN pg_catalog.pg_backend_pid() = $2
             AND NOT pg_catalog.pg_is_in_recovery()
             AND pg_catalog.current_setting('transaction_read_only') = 'off'
            THEN pg_catalog.pg_try_advisory_lock($1)
            ELSE false END
