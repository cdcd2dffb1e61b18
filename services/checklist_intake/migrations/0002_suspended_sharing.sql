-- What held before this store was restored from a backup, until the State decides anew: audience,
-- names and last day as in the columns beside it, divided by ';'. Empty: nothing is suspended.
ALTER TABLE sharing_decision ADD COLUMN suspended TEXT NOT NULL DEFAULT '';
