-- Prepended, never replaced: a replaced path would lose an extensions schema.
SELECT pg_catalog.set_config('search_path',
                             pg_catalog.concat_ws(', ', $1, nullif(pg_catalog.current_setting('search_path'), '')),
                             false)
