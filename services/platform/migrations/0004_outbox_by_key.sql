-- The relay reads rows in order and deletes by key. An index that begins with the topic too is one
-- that a planner may take for the second, and it holds nearly all rows.
DROP INDEX outbox_by_partition;
