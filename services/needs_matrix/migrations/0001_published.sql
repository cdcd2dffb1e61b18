-- What the needs topics say now, one row per need ever published. A need that is gone keeps its row
-- and revision, so that nothing older can win again.
CREATE TABLE published (
  need TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  counter BIGINT NOT NULL,
  -- -1 gone, 0 on the restricted topic only, 1 on the providers' too, 2 on the public one too
  reach BIGINT NOT NULL,
  -- of the restricted body; the whole state it was computed from
  digest TEXT NOT NULL,
  -- today's audience as the events say it, for telling readers of a narrower one that it is gone
  audience TEXT NOT NULL
);
CREATE INDEX published_by_state ON published (state, need);

-- How many records of each partition were ever written to the restricted topic. Every record carries
-- its number, so a reader knows whether it has seen all that has been decided so far.
CREATE TABLE feed_sequence (
  partition_number BIGINT PRIMARY KEY,
  last_number BIGINT NOT NULL
);
