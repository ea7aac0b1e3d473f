-- Columns of tables. A generated expression belongs to its column; a default is an object of its own.
SELECT 'column' AS kind,
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
       a.attnum::text AS position,
       format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       a.attnotnull::text AS not_null,
       nn.name AS not_null_name,
       nn.is_local AS not_null_local,
       nn.is_valid AS not_null_valid,
       nn.no_inherit AS not_null_no_inherit,
       nn.comment AS not_null_comment,
       nullif(a.attidentity::text, '') AS identity_kind,
       i.sequence_name AS identity_name,
       i.options AS identity_options,
       i.persistence AS identity_persistence,
       i.privileges AS identity_privileges,
       nullif(a.attgenerated::text, '') AS generated,
       CASE WHEN a.attgenerated <> '' THEN (SELECT pg_get_expr(x.adbin, x.adrelid) FROM pg_attrdef x WHERE x.adrelid = c.oid AND x.adnum = a.attnum) END AS generated_expression,
       CASE WHEN a.attgenerated <> '' THEN (SELECT {operators: x.adbin::text} FROM pg_attrdef x WHERE x.adrelid = c.oid AND x.adnum = a.attnum) END AS generated_operators,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
       {14: nullif(a.attcompression::text, '') | NULL} AS compression,
       nullif(a.attstattarget::text, '-1') AS statistics,
       array_to_string(a.attoptions, E'\n') AS options,
       {options: a.attfdwoptions} AS foreign_options,
       {secrets: a.attfdwoptions} AS secret_options,
       a.attislocal::text AS is_local,
       (a.attinhcount > 0)::text AS is_inherited
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN LATERAL (SELECT quote_ident(k.conname) AS name, k.conislocal::text AS is_local, k.convalidated::text AS is_valid, k.connoinherit::text AS no_inherit, obj_description(k.oid, 'pg_constraint') AS comment
      FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]) nn ON a.attnotnull
  LEFT JOIN LATERAL (SELECT format('%I.%I', sn.nspname, sc.relname) AS sequence_name, sc.relpersistence::text AS persistence,
      {privileges: sc.relacl, 's', sc.relowner} AS privileges,
      format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END) AS options
      FROM pg_depend d JOIN pg_class sc ON sc.oid = d.objid JOIN pg_namespace sn ON sn.oid = sc.relnamespace JOIN pg_sequence s ON s.seqrelid = sc.oid
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'i') i ON a.attidentity <> ''
 WHERE c.relkind IN ('r', 'p', 'f') AND {user_schema}
   AND {no_member: pg_class, c.oid};

SELECT 'default' AS kind,
       'pg_attrdef'::regclass::oid AS classid,
       d.oid AS objid,
       0 AS subid,
       'pg_class'::regclass::oid AS parent_class,
       c.oid AS parent_id,
       a.attnum::int AS parent_sub,
       quote_ident(n.nspname) AS schema_name,
       a.attname::text AS name,
       quote_ident(a.attname::text) AS quoted_name,
       format('%I.%I.%I', n.nspname, c.relname, a.attname) AS identity,
       NULL AS owner,
       NULL AS privileges,
       NULL AS comment,
       pg_get_expr(d.adbin, d.adrelid) AS expression,
       {operators: d.adbin::text} AS operators,
       CASE WHEN c.relkind = 'v' THEN 'true' END AS is_view
FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
 WHERE a.attgenerated = '' AND {user_schema} AND {no_member: pg_class, c.oid};
