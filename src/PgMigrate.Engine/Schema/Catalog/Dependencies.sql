-- What depends on what, as the server records it. Which table is a partition of which, which index is attached to which
-- and which column owns a sequence are objects of their own, so that a table does not depend on its parent.
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
  FROM pg_depend d
 WHERE d.objid >= 16384 AND (d.refobjid >= 16384 OR (d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 2200))
   AND d.deptype IN ('n', 'a', 'i')
   AND NOT (d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.objsubid = 0
            AND EXISTS (SELECT FROM pg_class c WHERE c.oid = d.objid
                         AND (c.relkind = 'S' OR (c.relispartition AND d.refobjsubid = 0 AND c.relkind IN ('r', 'p', 'f')))))
UNION ALL SELECT 'pg_inherits'::regclass::oid, h.inhrelid, 0, 'pg_class'::regclass::oid, h.inhparent, 0
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'pg_index'::regclass::oid, h.inhrelid, 0, 'pg_class'::regclass::oid, h.inhparent, 0
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE c.relkind IN ('i', 'I')
UNION ALL SELECT 'pg_index'::regclass::oid, h.inhrelid, 0, 'pg_inherits'::regclass::oid, i.indrelid, 0
  FROM pg_inherits h JOIN pg_index i ON i.indexrelid = h.inhrelid
UNION ALL SELECT 'pg_sequence'::regclass::oid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid
  FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a';
