-- One row per State × checklist × round.
CREATE TABLE response (
  state TEXT NOT NULL,
  checklist TEXT NOT NULL,
  round BIGINT NOT NULL,
  newest_version BIGINT NOT NULL,
  PRIMARY KEY (state, checklist, round)
);

-- Every version ever submitted, whole; a withdrawal or void changes its status and revision only.
CREATE TABLE response_version (
  state TEXT NOT NULL,
  checklist TEXT NOT NULL,
  round BIGINT NOT NULL,
  version BIGINT NOT NULL,
  submitted_on TEXT NOT NULL,
  status BIGINT NOT NULL,
  withdrawn_on TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  exercise BIGINT NOT NULL,
  answers BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  counter BIGINT NOT NULL,
  body {{bytes}} NOT NULL,
  PRIMARY KEY (state, checklist, round, version)
);

-- Every withdrawal and void, kept: a version that was withdrawn may still be voided later.
CREATE TABLE response_ending (
  id {{identity}},
  state TEXT NOT NULL,
  checklist TEXT NOT NULL,
  round BIGINT NOT NULL,
  version BIGINT NOT NULL,
  action TEXT NOT NULL,
  day TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX response_ending_by_response ON response_ending (state, checklist, round, id);

-- The decision in force for each State × provision.
CREATE TABLE sharing_decision (
  state TEXT NOT NULL,
  provision TEXT NOT NULL,
  audience TEXT NOT NULL,
  named TEXT NOT NULL,
  until_day TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  counter BIGINT NOT NULL,
  PRIMARY KEY (state, provision)
);
CREATE INDEX sharing_by_end ON sharing_decision (until_day);

-- What was last filed about sharing with each response: an equal file with another audience is a
-- decision, one with the same audience is not.
CREATE TABLE filed_choice (
  state TEXT NOT NULL,
  checklist TEXT NOT NULL,
  round BIGINT NOT NULL,
  provision TEXT NOT NULL,
  audience TEXT NOT NULL,
  named TEXT NOT NULL,
  until_day TEXT NOT NULL,
  PRIMARY KEY (state, checklist, round, provision)
);
