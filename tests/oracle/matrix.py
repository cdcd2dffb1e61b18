"""Tables of figures and lists of needs, from standing answers and sharing decisions."""

import datetime
from dataclasses import dataclass, field

from facts import COMPLIANCE, GROUPS, NEED_STATES, NO_ASSISTANCE, OBLIGATIONS
from sharing import audience_shown, sees
from standing import Picture, pictures

STATE_DIMENSIONS = {
    "state": lambda s: {s.code},
    "regional_group": lambda s: {s.group},
    "subregion": lambda s: {s.subregion},
    "state_set": lambda s: s.sets,
}
PROVISION_DIMENSIONS = {
    "chapter": lambda p: {p.chapter},
    "article": lambda p: {p.article},
    "provision": lambda p: {p.code},
    "obligation": lambda p: {p.obligation},
    "untoc_article": lambda p: p.untoc,
}
ANSWER_DIMENSIONS = ("type", "compliance", "challenge", "need_state")
MEASURES = ("states_stating", "needs_stated", "share_of_respondents", "response_rate")
SILENT = Picture()  # of a State without a standing response


@dataclass
class Question:
    """`rows` None asks for the list of needs. `where` is dimension -> list of codes."""

    rows: str | None
    columns: str | None = None
    measure: str = "states_stating"
    where: dict = field(default_factory=dict)
    day: datetime.date | None = None

    def arguments(self):
        """The words after `uncac`."""
        words = ["matrix", "--rows", self.rows] if self.rows else ["needs", "list"]
        if self.columns:
            words += ["--cols", self.columns]
        if self.rows and self.measure != "states_stating":
            words += ["--measure", self.measure]
        for dimension, codes in self.where.items():
            words += ["--where", f"{dimension}={','.join(map(str, codes))}"]
        if self.day:
            words += ["--as-of", self.day.isoformat()]
        return words

    def __str__(self):
        return "uncac " + " ".join(f'"{w}"' if " " in w else w for w in self.arguments())


@dataclass(frozen=True)
class Figure:
    """`value` None beside `withheld` False is an empty share."""

    value: float | None
    withheld: bool
    base: int
    withheld_cells: int


@dataclass
class Table:
    rows: list
    columns: list  # empty where the question has none
    figures: dict  # (row or None, column or None) -> Figure; None is the total


class Matrix:
    """Answers the questions of one reader over one record. `today` decides whether an audience has
    ended, and is the day of a question that names none."""

    def __init__(self, facts, versions, decisions, reader, today):
        self.facts = facts
        self.versions = versions
        self.decisions = decisions  # State -> provision -> Decision
        self.reader = reader
        self.today = today
        self.seen = {state: self._seen(state) for state in facts.states}
        self._pictures = {}

    def _seen(self, state):
        decisions = self.decisions.get(state, {})
        return frozenset(
            p
            for p in self.facts.provisions
            if sees(self.reader, state, decisions.get(p), self.today)
        )

    def _pictures_of(self, day, rounds):
        """State -> Picture, kept since questions about one day come often."""
        if (day, rounds) not in self._pictures:
            found = pictures(self.facts, self.versions, day, rounds)
            self._pictures[day, rounds] = found
        return self._pictures[day, rounds]

    # What a question allows.

    def states(self, where):
        return [
            s.code
            for s in self.facts.states.values()
            if all(where[d].intersection(of(s)) for d, of in STATE_DIMENSIONS.items() if d in where)
        ]

    def provisions(self, where):
        """"A filter on `uncac/44` includes all below it"."""
        return [
            p.code
            for p in self.facts.provisions.values()
            if all(
                where[d].intersection(of(p) | ({p.article} if d == "provision" else set()))
                for d, of in PROVISION_DIMENSIONS.items()
                if d in where
            )
        ]

    def codes(self, dimension, where, day):
        """"A table lists every code of its dimension that the filters allow, zero or not (of round,
        those of answers seen). States by name, the rest in treaty, checklist or definition order."
        """
        if dimension in STATE_DIMENSIONS:
            of = STATE_DIMENSIONS[dimension]
            held = set().union(*(of(self.facts.states[s]) for s in self.states(where)))
        elif dimension in PROVISION_DIMENSIONS:
            of = PROVISION_DIMENSIONS[dimension]
            held = set().union(*(of(self.facts.provisions[p]) for p in self.provisions(where)))
        elif dimension == "round":
            return self._rounds(where, day)
        else:
            held = None
        listed = {
            "state": list(self.facts.states),
            "regional_group": GROUPS,
            "subregion": self.facts.subregions,
            "state_set": self.facts.state_sets,
            "chapter": self.facts.chapters,
            "article": self.facts.articles(),
            "provision": list(self.facts.provisions),
            "obligation": OBLIGATIONS,
            "untoc_article": self.facts.untoc_articles(),
            "type": self.facts.types,
            "compliance": COMPLIANCE,
            "challenge": self.facts.challenges,
            "need_state": NEED_STATES,
        }[dimension]
        named = None if dimension == "provision" else where.get(dimension)
        return [
            code
            for code in listed
            if (held is None or code in held) and (named is None or code in named)
        ]

    def _rounds(self, where, day):
        provisions = set(self.provisions(where))
        states = self.states(where)
        found = []
        for round_ in sorted({v.round for v in self.versions}):
            if "round" in where and round_ not in where["round"]:
                continue
            found_in_round = self._pictures_of(day, frozenset([round_]))
            if any(
                provisions & self.seen[s] & found_in_round[s].answered.keys()
                for s in states
                if s in found_in_round
            ):
                found.append(round_)
        return found

    # Tables.

    def table(self, question):
        where = {dimension: frozenset(codes) for dimension, codes in question.where.items()}
        day = question.day or self.today
        rows = self.codes(question.rows, where, day)
        columns = self.codes(question.columns, where, day) if question.columns else []
        states = self.states(where)
        provisions = frozenset(self.provisions(where))
        figures = {}
        for row in [*rows, None]:
            for column in [*columns, None]:
                # "A total is the same question without that dimension, never a sum."
                at = {}
                if row is not None:
                    at[question.rows] = row
                if column is not None:
                    at[question.columns] = column
                figures[row, column] = self.figure(
                    question.measure, where, states, provisions, at, day
                )
        return Table(rows, columns, figures)

    def figure(self, measure, where, states, provisions, at, day):
        """One figure of the States and provisions that `where` allows; `at` has the codes of its
        row and column."""
        narrow = {d: where[d] for d in (*ANSWER_DIMENSIONS, "round") if d in where}
        for dimension, code in at.items():
            if dimension in STATE_DIMENSIONS:
                of = STATE_DIMENSIONS[dimension]
                states = [s for s in states if code in of(self.facts.states[s])]
            elif dimension in PROVISION_DIMENSIONS:
                of = PROVISION_DIMENSIONS[dimension]
                provisions = frozenset(
                    p for p in provisions if code in of(self.facts.provisions[p])
                )
            else:
                # A row of a filtered dimension is one of the codes that its filter names.
                narrow[dimension] = frozenset([code])

        rounds = narrow.get("round")
        some_seen = False
        withheld_cells = 0
        in_rounds = self._pictures_of(day, rounds)
        respondents, deposited, counted, needs = set(), set(), set(), set()
        for state in states:
            seen = provisions & self.seen[state]
            hidden = len(provisions) - len(seen)
            withheld_cells += hidden
            picture = in_rounds.get(state, SILENT)
            if seen:
                some_seen = True
                on = self.facts.states[state].deposited
                if on and on <= day:
                    deposited.add(state)
                if not seen.isdisjoint(picture.answered):
                    respondents.add(state)
            if self._counts(picture, seen, hidden, narrow):
                counted.add(state)
            if picture.answered and "STATED" in narrow.get("need_state", ("STATED",)):
                needs |= {
                    (state, self.facts.provisions[p].article, type_)
                    for p, type_, _ in self._stated(picture, seen, narrow)
                }

        base = deposited if measure == "response_rate" else respondents
        withheld = bool(states) and bool(provisions) and not some_seen
        if withheld:
            value = None
        elif measure == "states_stating":
            value = len(counted)
        elif measure == "needs_stated":
            value = len(needs)
        elif not base:
            value = None  # "a share without a base is empty"
        elif measure == "share_of_respondents":
            value = len(counted & respondents) / len(base)
        else:
            value = len(deposited & respondents) / len(base)
        return Figure(value, withheld, len(base), withheld_cells)

    def _answers(self, picture, seen, narrow):
        """The standing answers seen, of the compliance and with a challenge asked for."""
        for provision in seen & picture.answered.keys():
            stands = picture.answered[provision]
            answer = stands.answer
            if answer.compliance in narrow.get("compliance", (answer.compliance,)) and (
                "challenge" not in narrow or answer.challenges & narrow["challenge"]
            ):
                yield provision, stands

    def _stated(self, picture, seen, narrow):
        """The needs seen, in no order: provision, type, the answer it stands in."""
        for provision, stands in self._answers(picture, seen, narrow):
            for type_ in stands.answer.types:
                if type_ != NO_ASSISTANCE and type_ in narrow.get("type", (type_,)):
                    yield provision, type_, stands

    def _counts(self, picture, seen, hidden, narrow):
        """Whether a State counts: it states a need or, "where a question names need_state", has "at
        least one State × provision (× type, if named) in it"."""
        return any(
            self._has(need_state, picture, seen, hidden, narrow)
            for need_state in narrow.get("need_state", ("STATED",))
        )

    def _has(self, need_state, picture, seen, hidden, narrow):
        if need_state == "STATED":
            return any(True for _ in self._stated(picture, seen, narrow))
        if need_state == "NONE_STATED":
            for _, stands in self._answers(picture, seen, narrow):
                stated = stands.answer.types.keys() - {NO_ASSISTANCE}
                if narrow["type"] - stated if "type" in narrow else not stated:
                    return True
            return False
        if "challenge" in narrow:
            return False  # only an answer cites a challenge
        blank = seen - picture.answered.keys()
        if need_state == "NOT_ANSWERED":
            # "`compliance` NOT_ANSWERED is the same set"
            return "NOT_ANSWERED" in narrow.get("compliance", ("NOT_ANSWERED",)) and any(
                not picture.not_asked(p) for p in blank
            )
        if "compliance" in narrow:
            return False  # not known of a withheld one, and there is none where nothing was asked
        if need_state == "NOT_ASKED":
            return any(picture.not_asked(p) for p in blank)
        return hidden > 0

    # Needs.

    def _reads_all(self, state):
        role = self.reader.role
        return role == "secretariat" or (role == "focal_point" and self.reader.who == state)

    def needs(self, question):
        """The needs that the reader sees: States by name, then treaty and definition order."""
        where = {dimension: frozenset(codes) for dimension, codes in question.where.items()}
        if "STATED" not in where.get("need_state", ("STATED",)):
            return []
        day = question.day or self.today
        provisions = set(self.provisions(where))
        types = {code: place for place, code in enumerate(self.facts.types)}
        in_rounds = self._pictures_of(day, where.get("round"))
        result = []
        for state in self.states(where):
            picture = in_rounds.get(state, SILENT)
            stated = self._stated(picture, provisions & self.seen[state], where)
            for provision, type_, stands in sorted(
                stated, key=lambda n: (self.facts.provisions[n[0]].number, types[n[1]])
            ):
                priority = stands.answer.types[type_]
                version = stands.version
                decision = self.decisions.get(state, {}).get(provision)
                result.append(
                    {
                        "need": f"{state}:{provision}:{type_}",
                        "state": state,
                        "provision": provision,
                        "type": type_,
                        "state_priority": priority,
                        "audience": audience_shown(decision, self.today),
                        "stated_on": version.day.isoformat(),
                        "checklist": version.checklist,
                        "round": version.round,
                        # Another reader would learn of amendments of what is withheld from him.
                        "version": version.number if self._reads_all(state) else None,
                    }
                )
        return result
