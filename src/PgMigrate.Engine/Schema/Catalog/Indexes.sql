-- Indexes that belong to no constraint.
SELECT 'index' AS kind,
       'pg_class'::regclass::oid AS classid,
       c.oid AS objid,
       0 AS subid,
       'pg_class'::regclass::oid AS parent_class,
       i.indrelid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       c.relname::text AS name,
       quote_ident(c.relname::text) AS quoted_name,
       format('%I.%I', n.nspname, c.relname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       obj_description(c.oid, 'pg_class') AS comment,
       pg_get_indexdef(c.oid) AS definition,
       {operators: concat(i.indexprs, i.indpred)} AS operators,
       i.indisvalid::text AS is_valid,
       (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
       nullif(i.indisclustered, false)::text AS clustered,
       nullif(i.indisreplident, false)::text AS replica_identity,
       (SELECT string_agg(a.attnum || ' ' || a.attstattarget, E'\n' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) <> -1) AS statistics,
       format('%I.%I', tn.nspname, t.relname) AS table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
 WHERE t.relkind IN ('r', 'p', 'm') AND {user_schema} AND {no_member: pg_class, t.oid}
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'));

SELECT 'index attachment' AS kind,
       'pg_index'::regclass::oid AS classid,
       c.oid AS objid,
       0 AS subid,
       'pg_class'::regclass::oid AS parent_class,
       c.oid AS parent_id,
       0 AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       c.relname::text AS name,
       quote_ident(c.relname::text) AS quoted_name,
       format('%I.%I', n.nspname, c.relname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       NULL AS comment,
       format('%I.%I', pn.nspname, pc.relname) AS parent
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class pc ON pc.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE c.relkind IN ('i', 'I') AND {user_schema} AND {no_member: pg_class, i.indrelid};
