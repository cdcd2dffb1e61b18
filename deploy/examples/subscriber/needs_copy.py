"""A subscriber's own copy of the needs, in one SQLite file.

What was read and how far it was read commit together, so a process that is killed at any moment
goes on where its copy ends. Knows nothing of Kafka.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

# Tombstones live 30 days in the topics. Whoever was away longer may never learn that a need is gone
# or no longer shared with him; five days are left for reading what came meanwhile.
LONGEST_AWAY = timedelta(days=25)

TABLES = """
CREATE TABLE IF NOT EXISTS need (
  need TEXT PRIMARY KEY,
  -- Of the newest record. A need that is gone keeps its row: an older record may come again.
  epoch INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  stands INTEGER NOT NULL,
  state TEXT, provision TEXT, type TEXT, state_priority TEXT, audience TEXT, stated_on TEXT
);
CREATE TABLE IF NOT EXISTS position (
  partition INTEGER PRIMARY KEY,
  next_offset INTEGER NOT NULL,
  leader_epoch INTEGER  -- of the last record read: finds out a log that was cut
);
-- One row: which log this is a copy of.
CREATE TABLE IF NOT EXISTS copied (
  log TEXT NOT NULL,
  epoch INTEGER NOT NULL,  -- the highest seen
  current_at TEXT NOT NULL,  -- when it last was at the log's end; before that, when it was begun
  whole INTEGER NOT NULL  -- it has been at the log's end since it was begun
);
"""

COLUMNS = ("need", "state", "provision", "type", "state_priority", "audience", "stated_on")


@dataclass(frozen=True)
class Place:
    """Where to go on in a partition."""

    next_offset: int
    leader_epoch: int | None = None


@dataclass(frozen=True)
class Change:
    """A record of a needs topic. `need` has a value for each of COLUMNS; None is a tombstone."""

    key: str
    epoch: int
    counter: int
    need: dict[str, str] | None


class NeedsCopy:
    """Used by one thread. Another process may read the file meanwhile."""

    def __init__(self, file: str, now=lambda: datetime.now(timezone.utc)):
        self._now = now
        self._database = sqlite3.connect(file, timeout=30, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(TABLES)

    def why_not_usable(self, log: str) -> str | None:
        """Why the copy must be dropped before `log` is read on, if it must."""
        row = self._database.execute("SELECT log, current_at FROM copied").fetchone()
        if row is None:
            return "there is no copy yet"
        if row[0] != log:
            return "the copy is of another log"
        if self._now() - datetime.fromisoformat(row[1]) > LONGEST_AWAY:
            return f"the copy is more than {LONGEST_AWAY.days} days behind"
        return None

    def start_over(self, log: str) -> None:
        """Drops everything. The log is then read from its start."""
        with self._transaction():
            for table in ("need", "position", "copied"):
                self._database.execute(f"DELETE FROM {table}")
            self._database.execute(
                "INSERT INTO copied VALUES (?, 0, ?, 0)", (log, self._now().isoformat())
            )

    def places(self) -> dict[int, Place]:
        rows = self._database.execute("SELECT partition, next_offset, leader_epoch FROM position")
        return {partition: Place(offset, leader) for partition, offset, leader in rows}

    def apply(self, changes: list[Change], places: dict[int, Place]) -> bool:
        """Records in the order of their partitions, and where to go on after them. Whether they
        began a new epoch: then the copy is not whole until the log's end has been reached again."""
        (before,) = self._database.execute("SELECT epoch FROM copied").fetchone()
        with self._transaction():
            for change in changes:
                self._apply(change)
            self._database.executemany(
                "INSERT OR REPLACE INTO position VALUES (?, ?, ?)",
                [(partition, p.next_offset, p.leader_epoch) for partition, p in places.items()],
            )
        (after,) = self._database.execute("SELECT epoch FROM copied").fetchone()
        return before != 0 and after > before

    def at_end(self) -> None:
        """Everything that the log had a moment ago is in the copy."""
        with self._transaction():
            self._database.execute(
                "UPDATE copied SET current_at = ?, whole = 1", (self._now().isoformat(),)
            )

    def whole(self) -> bool:
        row = self._database.execute("SELECT whole FROM copied").fetchone()
        return row is not None and row[0] == 1

    def needs(self) -> list[tuple]:
        """Those that stand, by key: COLUMNS of each."""
        return self._database.execute(
            f"SELECT {', '.join(COLUMNS)} FROM need WHERE stands = 1 ORDER BY need"
        ).fetchall()

    def _apply(self, change: Change) -> None:
        (epoch,) = self._database.execute("SELECT epoch FROM copied").fetchone()
        if change.epoch < epoch:
            # Of before the store was restored: what still holds of it comes again.
            return
        if change.epoch > epoch:
            # The writer's store was restored, or a broker lost records. Everything that stands comes
            # again under the new epoch, but a key that store and log have both lost gets no tombstone:
            # it would stand here for ever.
            self._database.execute("DELETE FROM need")
            self._database.execute("UPDATE copied SET epoch = ?, whole = 0", (change.epoch,))
        held = self._database.execute(
            "SELECT epoch, counter FROM need WHERE need = ?", (change.key,)
        ).fetchone()
        if held is not None and (change.epoch, change.counter) <= held:
            return  # records come twice, and older ones again
        values = [None] * (len(COLUMNS) - 1)
        if change.need is not None:
            values = [change.need[column] for column in COLUMNS[1:]]
        self._database.execute(
            "INSERT OR REPLACE INTO need VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [change.key, change.epoch, change.counter, change.need is not None, *values],
        )

    def _transaction(self):
        return _Transaction(self._database)


class _Transaction:
    def __init__(self, database: sqlite3.Connection):
        self._database = database

    def __enter__(self):
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, failure, *_):
        self._database.execute("COMMIT" if failure is None else "ROLLBACK")
