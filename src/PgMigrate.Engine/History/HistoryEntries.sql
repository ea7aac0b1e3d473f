-- The rows of module $1 in the order of application; before them, with no id, a row when the table holds anything at
-- all, and one with the name of a module that differs in case only, when $1 itself has no row.
SELECT id, version, name, filename, checksum, up_checksum, applied_at, applied_by, execution_time_ms, state,
       undo_sql IS NOT NULL, {undo}, array_to_string(depends_on, E'\n'), statements_done, progress_checksum,
       kind, {undo_checksum}
  FROM {history}
 WHERE module_name = $1
 UNION ALL
(SELECT NULL, '', '', '', '', NULL, now(), '', 0, '', false, NULL, '', 0, NULL, '', NULL FROM {history} LIMIT 1)
 UNION ALL
(SELECT NULL, '', module_name, '', '', NULL, now(), '', 0, '', false, NULL, '', 0, NULL, '', NULL
   FROM {history}
  WHERE lower(module_name) = lower($1) AND NOT EXISTS (SELECT FROM {history} WHERE module_name = $1)
  LIMIT 1)
 ORDER BY 1
