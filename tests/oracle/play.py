"""Plays a history on a suite, then reads the record back as the program exports it."""

from filing import Filing
from history import Submit
from record import read_decisions, read_history


def words_of(key):
    state, checklist, round_ = key
    return "--state", state, "--checklist", checklist, "--round", str(round_)


def play(suite, acts):
    """Returns what the filings must have left on record."""
    filing = Filing()
    for place, act in enumerate(acts):
        if isinstance(act, Submit):
            path = suite.folder / f"{place}.csv"
            path.write_text(act.text(), encoding="utf-8")
            token = _token(suite, act.who)
            options = ("--audience", act.audience) if act.audience else ()
            said = suite.run(token, "response", "submit", str(path), *options)
            assert act.expect in said, f"{act}: expected {act.expect!r}, the program said\n{said}"
            filing.submitted(act.rows, act.audience)
        else:
            words = ("response", act.verb, *words_of(act.key), "--reason", "a test")
            suite.run(_token(suite, act.who), *words)
            filing.ended(act.key)
    return filing


def _token(suite, who):
    return suite.token("secretariat") if who == "secretariat" else suite.token("focal_point", who)


def read_record(suite, keys, states):
    """All versions and all decisions in force, read as the secretariat."""
    token = suite.token("secretariat")
    versions = []
    for key in keys:
        history = suite.ask(token, "response", "history", *words_of(key))
        versions += read_history(
            key,
            history,
            lambda number: suite.run(
                token, "response", "export", *words_of(key), "--version", str(number)
            ),
        )
    decisions = {
        state: read_decisions(suite.ask(token, "share", "list", "--state", state))
        for state in states
    }
    return versions, decisions
