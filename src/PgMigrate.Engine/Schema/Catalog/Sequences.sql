-- Sequences, but for those of identity columns, and the columns that own them.
SELECT 'sequence' AS kind,
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
       {privileges: c.relacl, 's', c.relowner} AS privileges,
       obj_description(c.oid, 'pg_class') AS comment,
       format_type(s.seqtypid, NULL) AS type,
       s.seqstart::text AS start,
       s.seqincrement::text AS increment,
       s.seqmin::text AS minimum,
       s.seqmax::text AS maximum,
       s.seqcache::text AS cache,
       s.seqcycle::text AS cycle,
       c.relpersistence::text AS persistence
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {user_schema} AND {no_member: pg_class, c.oid}
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i');

SELECT 'sequence owner' AS kind,
       'pg_sequence'::regclass::oid AS classid,
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
       format('%I.%I.%I', tn.nspname, t.relname, a.attname) AS owned_by
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
  JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
 WHERE c.relkind = 'S' AND {user_schema} AND {no_member: pg_class, c.oid};
