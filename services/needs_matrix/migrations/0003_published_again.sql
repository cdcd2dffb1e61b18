-- 1: its events are written again whatever they say, to every topic, because the log lost some or the
-- store was restored.
ALTER TABLE published ADD COLUMN again BIGINT NOT NULL DEFAULT 0;
