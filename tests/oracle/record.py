"""What the program exports of its record: versions, their ends, answers, sharing decisions."""

import csv
import datetime
import io
from dataclasses import dataclass, field

AUDIENCE = "AUDIENCE_"  # prefix of the codes in `uncac share list --format json`


@dataclass(frozen=True)
class Answer:
    compliance: str
    challenges: frozenset
    types: dict  # type -> the State's own priority; NO_ASSISTANCE_REQUIRED is among them

    @property
    def answered(self):
        return self.compliance != "NOT_ANSWERED"


@dataclass
class Version:
    state: str
    checklist: str
    round: int
    number: int
    day: datetime.date
    answers: dict = field(default_factory=dict)  # provision -> Answer
    ended: datetime.date | None = None  # a withdrawal: out from this day on
    void: bool = False

    def key(self):
        return self.state, self.checklist, self.round


@dataclass(frozen=True)
class Decision:
    audience: str
    named: frozenset
    until: datetime.date | None


def answers_of(rows):
    """The answers in the rows of a checklist file: provision -> Answer."""
    answers = {}
    for row in rows:
        challenges = frozenset(filter(None, row["challenges"].split("|")))
        answer = answers.setdefault(row["provision"], Answer(row["compliance"], challenges, {}))
        if (answer.compliance, answer.challenges) != (row["compliance"], challenges):
            raise ValueError(f"rows of {row['provision']} disagree")
        if row["type"]:
            answer.types[row["type"]] = row["state_priority"]
    return answers


def read_answers(text):
    """The answers in an exported checklist CSV."""
    return answers_of(csv.DictReader(io.StringIO(text)))


def read_history(key, history, export):
    """The versions of one response. `export(number)` gives the CSV of a version.

    A withdrawal ends what was on record when it was made; what is filed after it is a version of
    its own. A void ends it likewise, for all days.
    """
    state, checklist, round_ = key
    versions = []
    for entry in history["entries"]:
        day = datetime.date.fromisoformat(entry["day"])
        if entry["action"] in ("submitted", "amended"):
            answers = read_answers(export(entry["version"]))
            if len(answers) != entry["answers"]:
                raise ValueError(f"{key} version {entry['version']}: export and history differ")
            versions.append(Version(state, checklist, round_, entry["version"], day, answers))
        elif entry["action"] == "withdrawn":
            for version in versions:
                version.ended = min(version.ended or day, day)
        elif entry["action"] == "voided":
            for version in versions:
                version.void = True
        else:
            raise ValueError(f"unknown action in a history: {entry['action']}")
    return versions


def read_decisions(listing):
    """The sharing decisions in force of one State: provision -> Decision."""
    return {
        row["provision"]: Decision(
            row["audience"].removeprefix(AUDIENCE),
            frozenset(row["named"]),
            datetime.date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in listing["decisions"]
    }
