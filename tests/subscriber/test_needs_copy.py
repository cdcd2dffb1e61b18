"""The copy that deploy/examples/subscriber keeps, without a broker: tests/integration has the rest."""

import pathlib
import sqlite3
import sys
from datetime import datetime, timedelta, timezone

import pytest

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "deploy/examples/subscriber"
sys.path.insert(0, str(EXAMPLE))

from needs_copy import Change, NeedsCopy, Place  # noqa: E402

LOG = "cluster/topic"


def need(audience="PUBLIC"):
    return {
        "state": "KEN",
        "provision": "uncac/9",
        "type": "LEGAL_ADVICE",
        "state_priority": "HIGH",
        "audience": audience,
        "stated_on": "2026-03-09",
    }


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 3, 10, tzinfo=timezone.utc)

    def __call__(self):
        return self.moment


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def copy(tmp_path, clock):
    copy = NeedsCopy(str(tmp_path / "needs.db"), clock)
    copy.start_over(LOG)
    return copy


def keys(copy):
    return [row[0] for row in copy.needs()]


def test_only_newer_revisions_are_applied(copy):
    copy.apply([Change("a", 1, 2, need("PUBLIC"))], {})
    copy.apply([Change("a", 1, 1, need("PROVIDERS")), Change("a", 1, 2, None)], {})
    assert [row[5] for row in copy.needs()] == ["PUBLIC"]
    copy.apply([Change("a", 1, 10, need("PROVIDERS"))], {})
    assert [row[5] for row in copy.needs()] == ["PROVIDERS"]


def test_what_is_gone_stays_gone_when_an_older_record_comes_again(copy):
    copy.apply([Change("a", 1, 1, need()), Change("a", 1, 2, None)], {})
    assert keys(copy) == []
    copy.apply([Change("a", 1, 1, need())], {})
    assert keys(copy) == []
    copy.apply([Change("a", 1, 3, need())], {})
    assert keys(copy) == ["a"]


def test_a_tombstone_of_an_unknown_key_is_remembered(copy):
    copy.apply([Change("a", 1, 2, None)], {})
    copy.apply([Change("a", 1, 1, need())], {})
    assert keys(copy) == []


def test_a_raised_epoch_drops_what_is_not_said_again(copy):
    copy.apply([Change("a", 1, 5, need()), Change("b", 1, 7, need())], {})
    copy.apply([Change("a", 2, 1, need())], {})
    # Another partition's records of before the restore come later than the first of after it.
    copy.apply([Change("c", 1, 9, need())], {})
    assert keys(copy) == ["a"]
    copy.apply([Change("c", 2, 1, need())], {})
    assert keys(copy) == ["a", "c"]


def test_a_raised_epoch_makes_it_not_whole_until_the_end_is_reached_again(copy):
    assert not copy.apply([Change("a", 1, 5, need())], {}), "the first epoch is no new one"
    copy.at_end()
    assert not copy.apply([Change("a", 1, 6, need())], {})
    assert copy.whole()
    assert copy.apply([Change("a", 2, 1, need())], {})
    assert not copy.whole()
    copy.at_end()
    assert copy.whole()


def test_changes_and_places_commit_together_or_not_at_all(copy):
    copy.apply([Change("a", 1, 1, need())], {0: Place(5, 1), 1: Place(2)})
    assert copy.places() == {0: Place(5, 1), 1: Place(2)}
    broken = {column: text for column, text in need().items() if column != "type"}
    with pytest.raises(KeyError):
        copy.apply([Change("b", 1, 1, need()), Change("c", 1, 1, broken)], {0: Place(7)})
    assert keys(copy) == ["a"]
    assert copy.places()[0] == Place(5, 1)


def test_it_is_whole_once_it_was_at_the_end(copy):
    assert not copy.whole()
    copy.at_end()
    assert copy.whole()
    copy.start_over(LOG)
    assert not copy.whole()


def test_it_goes_on_in_the_same_log_only(copy, tmp_path, clock):
    assert copy.why_not_usable(LOG) is None
    assert "another log" in copy.why_not_usable("cluster/topic made anew")
    empty = NeedsCopy(str(tmp_path / "empty.db"), clock)
    assert "no copy" in empty.why_not_usable(LOG)


def test_away_for_25_days_it_goes_on_and_later_it_starts_over(copy, clock):
    clock.moment += timedelta(days=3)
    copy.at_end()
    clock.moment += timedelta(days=25)
    assert copy.why_not_usable(LOG) is None
    clock.moment += timedelta(seconds=1)
    assert "25 days" in copy.why_not_usable(LOG)


def test_a_first_reading_that_never_ended_is_as_old_as_its_begin(copy, clock):
    copy.apply([Change("a", 1, 1, need())], {0: Place(1)})
    clock.moment += timedelta(days=26)
    assert "25 days" in copy.why_not_usable(LOG)


def test_starting_over_leaves_nothing(copy):
    copy.apply([Change("a", 3, 1, need())], {0: Place(1)})
    copy.start_over("other")
    assert keys(copy) == [] and copy.places() == {}
    # The other log counts its epochs by itself.
    copy.apply([Change("a", 1, 1, need())], {0: Place(1)})
    assert keys(copy) == ["a"]


def test_another_process_may_read_it_meanwhile(copy, tmp_path):
    copy.apply([Change("a", 1, 1, need())], {})
    other = sqlite3.connect(tmp_path / "needs.db")
    assert other.execute("SELECT need FROM need").fetchall() == [("a",)]
