-- Catalog rows that stand for no object of their own, and the row of the object they belong to.
SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_class'::regclass::oid, t.typrelid, 0
  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.typrelid >= 16384 AND c.relkind <> 'c'
UNION ALL SELECT 'pg_class'::regclass::oid, c.oid, 0, 'pg_type'::regclass::oid, c.reltype, 0
  FROM pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
UNION ALL SELECT 'pg_type'::regclass::oid, t.typarray, 0, 'pg_type'::regclass::oid, t.oid, 0
  FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384
{14: UNION ALL SELECT 'pg_type'::regclass::oid, r.rngmultitypid, 0, 'pg_type'::regclass::oid, r.rngtypid, 0
  FROM pg_range r WHERE r.rngtypid >= 16384 | }
UNION ALL SELECT 'pg_proc'::regclass::oid, d.objid, 0, d.refclassid, d.refobjid, 0
  FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
UNION ALL SELECT 'pg_rewrite'::regclass::oid, r.oid, 0, 'pg_class'::regclass::oid, r.ev_class, 0
  FROM pg_rewrite r WHERE r.rulename = '_RETURN' AND r.ev_class >= 16384
UNION ALL SELECT 'pg_attrdef'::regclass::oid, x.oid, 0, 'pg_class'::regclass::oid, x.adrelid, x.adnum::int
  FROM pg_attrdef x JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum WHERE a.attgenerated <> ''
UNION ALL SELECT 'pg_class'::regclass::oid, k.conindid, 0, 'pg_constraint'::regclass::oid, k.oid, 0
  FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x') AND k.oid >= 16384
UNION ALL SELECT 'pg_class'::regclass::oid, d.objid, 0, 'pg_class'::regclass::oid, d.refobjid, d.refobjsubid
  FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
UNION ALL SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'pg_class'::regclass::oid, k.conrelid, k.conkey[1]::int
  FROM pg_constraint k WHERE k.contype = 'n' AND k.conrelid <> 0 AND k.oid >= 16384
UNION ALL SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'pg_type'::regclass::oid, k.contypid, 0
  FROM pg_constraint k WHERE k.contype = 'n' AND k.contypid <> 0 AND k.oid >= 16384
UNION ALL SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'pg_constraint'::regclass::oid, k.conparentid, 0
  FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid <> 0
UNION ALL SELECT 'pg_constraint'::regclass::oid, t.tgconstraint, 0, 'pg_trigger'::regclass::oid, t.oid, 0
  FROM pg_trigger t WHERE t.tgconstraint <> 0 AND NOT t.tgisinternal AND t.tgparentid = 0
UNION ALL SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'pg_trigger'::regclass::oid, t.tgparentid, 0
  FROM pg_trigger t WHERE t.tgparentid <> 0
UNION ALL SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, 0
  FROM pg_depend d WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND d.deptype IN ('i', 'a')
   AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass) AND d.objid >= 16384
UNION ALL SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, 0
  FROM pg_depend d WHERE d.deptype = 'e';
