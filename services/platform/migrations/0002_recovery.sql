-- Events that a consumer on this store could not handle, as they came, until they are handled after
-- all; then without what they held.
CREATE TABLE dead_letter (
  id {{identity}},
  consumer TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition_number BIGINT NOT NULL,
  log_offset BIGINT NOT NULL,
  event_key TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  counter BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  event_time TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  extensions {{bytes}} NOT NULL,
  body {{bytes}},
  reason TEXT NOT NULL,
  buried_at TEXT NOT NULL,
  state BIGINT NOT NULL,
  tries BIGINT NOT NULL
);
CREATE UNIQUE INDEX dead_letter_by_event ON dead_letter (consumer, topic, event_key, epoch, counter);
CREATE INDEX dead_letter_by_state ON dead_letter (state, id);

-- The event before next_offset, so that a log which lost its end and grew again is noticed.
ALTER TABLE consumer_position ADD COLUMN last_event TEXT NOT NULL DEFAULT '';

-- The highest outbox id that Kafka has confirmed, by partition. A log that ends below it has lost
-- something; one that ends above all ids ever written here is ahead of this store.
CREATE TABLE relay_mark (
  topic TEXT NOT NULL,
  partition_number BIGINT NOT NULL,
  outbox_id BIGINT NOT NULL,
  PRIMARY KEY (topic, partition_number)
);

-- Ids that this store had before it was restored or rebuilt.
CREATE TABLE former_store (
  store_id TEXT PRIMARY KEY
);
