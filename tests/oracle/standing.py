"""The standing answers of a day: from versions to one answer per State × provision."""

from dataclasses import dataclass, field

from facts import COMPREHENSIVE
from record import Answer, Version


@dataclass(frozen=True)
class Stands:
    answer: Answer
    version: Version


@dataclass
class Picture:
    """One State on one day: `answered` by provision; `asked`, every item of the checklists to which
    it has a standing response."""

    answered: dict = field(default_factory=dict)
    asked: set = field(default_factory=set)
    responded: bool = False

    def not_asked(self, provision):
        """"Not asked: the State has a standing response, but none to a checklist with that
        provision.\""""
        return self.responded and provision not in self.asked


def in_force(versions, day):
    """"The newest version up to that day of each (checklist, round), withdrawn ones left out"."""
    newest = {}
    for version in versions:
        if version.void or version.day > day:
            continue
        before = newest.get(version.key())
        if before is None or before.number < version.number:
            newest[version.key()] = version
    return [v for v in newest.values() if v.ended is None or v.ended > day]


def later(version):
    """"The latest submitted_on (ties: later round, then the comprehensive checklist)"."""
    return version.day, version.round, version.checklist == COMPREHENSIVE


def pictures(facts, versions, day, rounds=None):
    """State -> Picture of that day, among the responses of the rounds named, of all if None."""
    by_state = {}
    for version in in_force(versions, day):
        if rounds is None or version.round in rounds:
            by_state.setdefault(version.state, []).append(version)
    return {state: picture(facts, found) for state, found in by_state.items()}


def picture(facts, versions):
    result = Picture(responded=True)
    for version in sorted(versions, key=later):  # a later one takes the place of an earlier one
        result.asked |= facts.items[version.checklist]
        for provision, answer in version.answers.items():
            if answer.answered:  # "NOT_ANSWERED removes nothing"
                result.answered[provision] = Stands(answer, version)
    # "An answer for a whole article stands until a later response answers a paragraph of it."
    for provision in [p for p in result.answered if "." not in p]:
        below = provision + "."
        since = later(result.answered[provision].version)
        if any(
            code.startswith(below) and later(stands.version) > since
            for code, stands in result.answered.items()
        ):
            del result.answered[provision]
    return result
