-- Where on the partition the record lay that Kafka confirmed last, and its outbox id: another one in
-- its place means that the log lost its end and has grown again. A negative offset is not known.
ALTER TABLE relay_mark ADD COLUMN place_offset BIGINT NOT NULL DEFAULT -1;
ALTER TABLE relay_mark ADD COLUMN place_id BIGINT NOT NULL DEFAULT 0;
