-- What the secretariat published: the message as everybody gets it, never changed.
CREATE TABLE release (
  number BIGINT PRIMARY KEY,
  body {{bytes}} NOT NULL
);

-- Which States were counted in each column, for the next release; no reader ever gets it.
CREATE TABLE release_column (
  number BIGINT NOT NULL,
  measure TEXT NOT NULL,
  columns_by TEXT NOT NULL,
  code TEXT NOT NULL,
  -- codes of States, and of the groups (or 'total') whose line was given, with blanks between
  counted TEXT NOT NULL,
  given TEXT NOT NULL,
  PRIMARY KEY (number, measure, columns_by, code)
);

-- A row stands here after a restore: a release made after the backup may be lost.
CREATE TABLE release_hold (
  only_row BIGINT PRIMARY KEY,
  taken_at TEXT NOT NULL
);
