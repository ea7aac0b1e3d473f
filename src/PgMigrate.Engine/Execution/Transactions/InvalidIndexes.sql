-- The INVALID indexes of the table $1, or of the table that the index $1 belongs to; none while another session may be
-- building one of them.
WITH subject AS (
    SELECT coalesce((SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1)),
                    pg_catalog.to_regclass($1)::pg_catalog.oid) AS oid)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM subject s
  JOIN pg_catalog.pg_index i ON i.indrelid = s.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid
   AND NOT EXISTS (SELECT
                     FROM pg_catalog.pg_locks l
                    WHERE l.locktype = 'relation' AND l.relation = s.oid AND l.mode = 'ShareUpdateExclusiveLock'
                      AND l.pid <> pg_catalog.pg_backend_pid()
                      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                         WHERE d.datname = pg_catalog.current_database()))
 ORDER BY 1
