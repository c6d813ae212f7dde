-- Every revision of every event, as it is served.
CREATE TABLE event_revision (
    event_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (event_id, generation, revision)
);

-- The newest revision of each event, with the columns that searches narrow by.
CREATE TABLE event (
    event_id TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    verdict TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,
    as_of_ms INTEGER NOT NULL,
    start_lat_e7 INTEGER,
    start_lon_e7 INTEGER,
    end_lat_e7 INTEGER,
    end_lon_e7 INTEGER,
    body BLOB NOT NULL
);
CREATE INDEX event_start ON event (start_ms, event_id);
CREATE INDEX event_kind_start ON event (kind, start_ms, event_id);

CREATE TABLE event_craft (
    craft INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    mid INTEGER,
    PRIMARY KEY (craft, event_id)
) WITHOUT ROWID;
CREATE INDEX event_craft_event ON event_craft (event_id);
CREATE INDEX event_craft_mid ON event_craft (mid, event_id) WHERE mid IS NOT NULL;

-- Degree squares of both ends: (lat + 90) * 360 + (lon + 180), whole degrees rounded down.
CREATE TABLE event_square (
    square INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (square, event_id)
) WITHOUT ROWID;
CREATE INDEX event_square_event ON event_square (event_id);

CREATE TABLE alert (
    event_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    as_of_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (event_id, generation, revision)
);
CREATE INDEX alert_order ON alert (as_of_ms, event_id, generation, revision);
CREATE INDEX alert_topic_order ON alert (topic, as_of_ms, event_id, generation, revision);
