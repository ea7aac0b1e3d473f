-- Views and materialized views; comments and privileges of their columns.
SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
       'pg_class'::regclass::oid AS classid,
       c.oid AS objid,
       0 AS subid,
       'pg_namespace'::regclass::oid AS parent_class,
       n.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       c.relname::text AS name,
       quote_ident(c.relname::text) AS quoted_name,
       format('%I.%I', n.nspname, c.relname) AS identity,
       quote_ident(pg_get_userbyid(c.relowner)) AS owner,
       {privileges: c.relacl, 'r', c.relowner} AS privileges,
       obj_description(c.oid, 'pg_class') AS comment,
       pg_get_viewdef(c.oid) AS definition,
       {operators: (SELECT r.ev_action::text FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename = '_RETURN')} AS operators,
       (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || a.attcollation::regcollation::text, ''), E'\n' ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT string_agg(o, E'\n') FROM unnest(c.reloptions) o) AS options,
       (SELECT string_agg('toast.' || o, E'\n') FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) AS toast_options,
       (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
       (SELECT quote_ident(a.amname) FROM pg_am a WHERE a.oid = c.relam) AS access_method
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND {user_schema}
   AND {no_member: pg_class, c.oid};

SELECT 'view column' AS kind,
       'pg_class'::regclass::oid AS classid,
       c.oid AS objid,
       a.attnum AS subid,
       'pg_class'::regclass::oid AS parent_class,
       c.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       a.attname::text AS name,
       quote_ident(a.attname::text) AS quoted_name,
       format('%I.%I.%I', n.nspname, c.relname, a.attname) AS identity,
       NULL AS owner,
       {privileges: a.attacl, 'c', c.relowner} AS privileges,
       col_description(c.oid, a.attnum) AS comment,
       nullif(a.attstattarget::text, '-1') AS statistics,
       array_to_string(a.attoptions, ', ') AS options,
       CASE WHEN c.relkind = 'm' AND a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
       {14: nullif(a.attcompression::text, '') | NULL} AS compression
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
 WHERE c.relkind IN ('v', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND {user_schema}
   AND {no_member: pg_class, c.oid};
