-- What every service's store has beside its own tables.

-- One row. `epoch` rises when the store is restored or rebuilt; `store_id` names the embedded log.
CREATE TABLE store_identity (
  only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
  store_id TEXT NOT NULL,
  epoch BIGINT NOT NULL
);

-- Keys that every process on this store shares and nobody else has.
CREATE TABLE store_secret (
  name TEXT PRIMARY KEY,
  secret {{bytes}} NOT NULL
);

-- Events that committed with their cause. Embedded, this is the log itself, in commit order;
-- distributed, a relay empties it into Kafka in id order.
CREATE TABLE outbox (
  id {{identity}},
  topic TEXT NOT NULL,
  partition_number BIGINT NOT NULL,
  event_key TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  counter BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  event_time TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  extensions {{bytes}} NOT NULL,
  body {{bytes}}
);
CREATE INDEX outbox_by_partition ON outbox (topic, partition_number, id);
CREATE INDEX outbox_by_key ON outbox (topic, event_key, id);

-- How far a consumer got; stored in the transaction of what it did. The old value is the fence:
-- whoever would move it from elsewhere has been replaced.
CREATE TABLE consumer_position (
  consumer TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition_number BIGINT NOT NULL,
  log_id TEXT NOT NULL,
  next_offset BIGINT NOT NULL,
  PRIMARY KEY (consumer, topic, partition_number)
);

-- Who may act alone (the relay, the housekeeping): a lease with a fencing token.
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  token BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Who did what, committed with what was done. Chained afterwards by the lease holder, so that no
-- commit waits for another: chain = SHA-256(previous chain, all other columns but id).
-- The payload and its salt lie apart, so that they can be erased while the chain still verifies.
CREATE TABLE audit (
  id {{identity}},
  recorded_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  reason TEXT NOT NULL,
  origin TEXT NOT NULL,
  payload_digest TEXT NOT NULL,
  sequence BIGINT,
  chain TEXT
);
CREATE INDEX audit_by_sequence ON audit (sequence);
CREATE TABLE audit_payload (
  audit_id BIGINT PRIMARY KEY,
  salt {{bytes}} NOT NULL,
  payload {{bytes}} NOT NULL
);

-- The first answer to an idempotency key; the key again gets it again.
CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  method TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  reply {{bytes}} NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (actor, method, idempotency_key)
);
CREATE INDEX idempotency_by_time ON idempotency (recorded_at);
