-- Tables, partitioned ones and foreign ones included, and which table is a partition of which.
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
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
       c.relpersistence::text AS persistence,
       (SELECT string_agg(o, E'\n') FROM unnest(c.reloptions) o) AS options,
       (SELECT string_agg('toast.' || o, E'\n') FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) AS toast_options,
       CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       (SELECT quote_ident(a.amname) FROM pg_am a WHERE a.oid = c.relam) AS access_method,
       (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
       c.relrowsecurity::text AS row_security,
       c.relforcerowsecurity::text AS force_row_security,
       CASE WHEN c.relkind <> 'f' AND c.relreplident IN ('n', 'f') THEN c.relreplident::text END AS replica_identity,
       CASE WHEN NOT c.relispartition THEN (SELECT string_agg(format('%I.%I', m.nspname, p.relname), ', ' ORDER BY h.inhseqno) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent
         JOIN pg_namespace m ON m.oid = p.relnamespace WHERE h.inhrelid = c.oid) END AS parents,
       nullif(c.relispartition, false)::text AS is_partition,
       (SELECT quote_ident(s.srvname) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid) AS server,
       (SELECT {options: f.ftoptions} FROM pg_foreign_table f WHERE f.ftrelid = c.oid) AS foreign_options,
       (SELECT {secrets: f.ftoptions} FROM pg_foreign_table f WHERE f.ftrelid = c.oid) AS secret_options
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f') AND {user_schema}
   AND {no_member: pg_class, c.oid};

SELECT 'partition' AS kind,
       'pg_inherits'::regclass::oid AS classid,
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
       format('%I.%I', m.nspname, p.relname) AS parent,
       pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_inherits h ON h.inhrelid = c.oid JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace m ON m.oid = p.relnamespace
 WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND {user_schema}
   AND {no_member: pg_class, c.oid};
