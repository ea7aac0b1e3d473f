-- Objects that this transaction has created or changed and that do not belong to its role.
WITH made AS (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
           c.oid::pg_catalog.regclass::pg_catalog.text AS name, c.relowner AS owner
      FROM pg_catalog.pg_class c
     WHERE c.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
     UNION ALL
    SELECT 'function', p.oid::pg_catalog.regprocedure::pg_catalog.text, p.proowner
      FROM pg_catalog.pg_proc p
     WHERE p.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
     UNION ALL
    SELECT 'schema', n.nspname::pg_catalog.text, n.nspowner
      FROM pg_catalog.pg_namespace n
     WHERE n.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
     UNION ALL
    SELECT 'type', t.oid::pg_catalog.regtype::pg_catalog.text, t.typowner
      FROM pg_catalog.pg_type t
     WHERE t.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid AND t.typrelid = 0 AND t.typelem = 0)
SELECT pg_catalog.format('%s %s (%s)', kind, name, pg_catalog.pg_get_userbyid(owner))
  FROM made
 WHERE owner <> (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
 ORDER BY 1
