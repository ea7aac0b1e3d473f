-- Whether the partition $1 of the table $2 waits for its DETACH to be finished; no row when it is detached.
SELECT h.inhdetachpending
  FROM pg_catalog.pg_inherits h
 WHERE h.inhrelid = pg_catalog.to_regclass($1) AND h.inhparent = pg_catalog.to_regclass($2)
