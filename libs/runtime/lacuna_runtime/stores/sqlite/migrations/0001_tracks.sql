-- Chunks of one craft and day (tracks) or month (identities); the digest makes a repeat harmless.
CREATE TABLE track_chunk (
    chunk_id INTEGER PRIMARY KEY,
    craft INTEGER NOT NULL,
    day INTEGER NOT NULL,
    digest BLOB NOT NULL,
    domain INTEGER NOT NULL,
    position_count INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX track_chunk_key ON track_chunk (craft, day, digest);

CREATE TABLE identity_chunk (
    chunk_id INTEGER PRIMARY KEY,
    craft INTEGER NOT NULL,
    month INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX identity_chunk_key ON identity_chunk (craft, month, digest);

-- What is known of a craft now: its newest position and each identity field as last heard.
CREATE TABLE craft (
    craft INTEGER PRIMARY KEY,
    domain INTEGER NOT NULL,
    mid INTEGER,
    first_ms INTEGER,
    last_ms INTEGER,
    last_position TEXT,
    identity TEXT NOT NULL DEFAULT '{}',
    name TEXT,
    callsign TEXT,
    registration TEXT,
    type_code TEXT,
    imo INTEGER,
    ship_type INTEGER
);
CREATE INDEX craft_flag ON craft (domain, mid, craft);
CREATE INDEX craft_type ON craft (domain, ship_type, craft);

-- Hours of a day in which a craft was heard; the bits are united, so a repeat changes nothing.
CREATE TABLE exposure (
    day INTEGER NOT NULL,
    craft INTEGER NOT NULL,
    hours INTEGER NOT NULL,
    PRIMARY KEY (day, craft)
) WITHOUT ROWID;
