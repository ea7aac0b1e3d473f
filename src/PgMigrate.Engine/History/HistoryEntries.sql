-- The rows of module $1 in the order of application. Before them, without an id: a row when the table has any row at
-- all, and one with the name of a module that differs in case only, when $1 itself has no row. Values that are the same
-- in almost every row are sent as an empty text: thousands of rows would make thousands of equal strings.
SELECT id, version, CASE WHEN filename = name || '.sql' THEN '' ELSE name END, filename, checksum,
       CASE WHEN up_checksum = checksum THEN '' ELSE up_checksum END, applied_at, applied_by, execution_time_ms,
       CASE state WHEN 'applied' THEN '' ELSE state END, undo_sql IS NOT NULL, {undo}, array_to_string(depends_on, E'\n'),
       statements_done, progress_checksum, CASE kind WHEN 'versioned' THEN '' ELSE kind END, {undo_checksum}
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
