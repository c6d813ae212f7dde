-- Row counts per stage, partition and tick; dead letters by digest, so that a repeat is counted once.
CREATE TABLE ledger (
    stage TEXT NOT NULL,
    partition INTEGER NOT NULL,
    t_ms INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (stage, partition, t_ms)
) WITHOUT ROWID;

CREATE TABLE dead_letter (
    digest BLOB PRIMARY KEY,
    source TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dead_letter_reason ON dead_letter (source, reason);

-- When each feed last brought a message.
CREATE TABLE source (
    source TEXT PRIMARY KEY,
    newest_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE watermark (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    t_ms INTEGER NOT NULL
);
