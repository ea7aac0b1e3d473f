CREATE TABLE {history} (
    id                bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module_name       text             NOT NULL,
    version           text             NOT NULL,
    name              text             NOT NULL,
    filename          text             NOT NULL,
    kind              text             NOT NULL DEFAULT 'versioned',
    checksum          text             NOT NULL,
    up_checksum       text,
    depends_on        text[]           NOT NULL DEFAULT '{}',
    applied_at        timestamptz      NOT NULL DEFAULT clock_timestamp(),
    applied_by        text             NOT NULL DEFAULT session_user,
    execution_time_ms double precision NOT NULL,
    undo_sql          text,
    state             text             NOT NULL DEFAULT 'applied' CHECK (state IN ('applied', 'interrupted')),
    statements_done   integer          NOT NULL DEFAULT 0,
    progress_checksum text,
    UNIQUE (module_name, version)
);
CREATE TABLE {log} (
    id                bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at                timestamptz      NOT NULL DEFAULT clock_timestamp(),
    actor             text             NOT NULL DEFAULT session_user,
    module_name       text             NOT NULL,
    version           text             NOT NULL,
    filename          text             NOT NULL,
    event             text             NOT NULL,
    execution_time_ms double precision,
    checksum          text,
    sqlstate          text,
    message           text
);
COMMENT ON TABLE {history} IS {comment};
COMMENT ON TABLE {log} IS 'What PgMigrate did, one line an event; never changed, only added to.';
REVOKE ALL ON TABLE {history}, {log} FROM PUBLIC;
