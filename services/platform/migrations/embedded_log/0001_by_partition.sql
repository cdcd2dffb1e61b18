-- Where the outbox is the log it is read by partition.
CREATE INDEX outbox_by_partition ON outbox (topic, partition_number, id);
