"""Random histories of a few States: files, withdrawals, voids. Same seed, same history.

Few States, provisions, days and rounds, and many versions, so that answers collide: an article in
one checklist and its paragraphs in the other, two rounds on one day, a version that no longer has a
row.
"""

import csv
import datetime
import io
import random
from dataclasses import dataclass

from facts import COMPREHENSIVE, NO_ASSISTANCE

COLUMNS = (
    "state checklist round submitted_on language provision compliance measures challenges "
    "challenges_text type type_text state_priority received_from received_type would_extend "
    "audience audience_until"
).split()

# Türkiye sits in two groups; Niue and the Holy See in none; Andorra has deposited nothing; Chad
# deposited late, Côte d'Ivoire on one of the days below.
STATES = "KEN TUR NIU VAT AND TCD CIV PER UGA FRA".split()
ALWAYS = ("KEN", "TUR")
# Articles of the first checklist with their paragraphs in the other, items of both (15, 17, 53);
# items of the second alone.
ARTICLES = (5, 9, 15, 16, 17, 44, 46, 52, 53, 57)
PARAGRAPHS = {44: (1, 4, 10), 46: (1, 9, 30)}  # of the long ones only these
ALONE = ("uncac/7.1", "uncac/18", "uncac/14.4", "uncac/58")
DAYS = [
    datetime.date(2007, 11, 30),
    datetime.date(2009, 6, 1),
    datetime.date(2009, 6, 2),
    datetime.date(2012, 10, 25),
    datetime.date(2012, 10, 26),
    datetime.date(2018, 6, 26),
    datetime.date(2020, 2, 29),
]
ROUNDS = (2007, 2009, 2012, 2018)
TEXTS = ("", "a law of 2004", "one, two; \"three\"", "première ligne\nseconde ligne", "قانون")
AUDIENCES = ("RESTRICTED", "NAMED:EX1", "NAMED:EX2", "NAMED:EX1|EX2", "PROVIDERS", "PUBLIC")


@dataclass
class Submit:
    who: str  # "secretariat" or the code of the State whose focal point files
    rows: list
    audience: str = ""  # of `--audience`, for the rows that name none
    expect: str = ""  # a word that the program's summary must have, if it is certain

    def text(self):
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue()

    def __str__(self):
        keys = sorted({(r["state"], r["checklist"], r["round"]) for r in self.rows})
        return f"{self.who} files {keys}"


@dataclass
class End:
    who: str
    verb: str  # withdraw or void
    key: tuple

    def __str__(self):
        return f"{self.who}: {self.verb} {self.key}"


class Histories:
    def __init__(self, facts, seed, today):
        self.facts = facts
        self.random = random.Random(f"history {seed}")
        self.today = today
        extra = self.random.sample([s for s in STATES if s not in ALWAYS], 5)
        self.states = [*ALWAYS, *extra]
        self.rounds = self.random.sample(ROUNDS, 3)
        self.provisions = self._provisions()
        self.audiences = {state: set() for state in self.states}  # provisions with a decision
        self.open = {}  # key -> (newest day, rows, who) of a response neither withdrawn nor void
        self.filed = {}  # key -> newest day ever filed and not void

    def _provisions(self):
        articles = self.random.sample(ARTICLES, 6)
        if 44 not in articles:
            articles[0] = 44
        found = list(self.random.sample(ALONE, 2))
        for code, provision in self.facts.provisions.items():
            article, paragraph = provision.number
            few = PARAGRAPHS.get(article)
            if article in articles and (paragraph == 0 or few is None or paragraph in few):
                found.append(code)
        return found

    def acts(self, count):
        for _ in range(count):
            yield from self._act()

    def _act(self):
        chance = self.random.random()
        ended = self.random.choice(sorted(self.open)) if self.open else None
        if ended and chance < 0.06:
            who = self.random.choice(["secretariat", ended[0]])
            del self.open[ended]
            yield End(who, "withdraw", ended)
        elif self.filed and chance < 0.11:
            key = self.random.choice(sorted(self.filed))
            self.open.pop(key, None)
            del self.filed[key]
            yield End("secretariat", "void", key)
        elif ended and chance < 0.17:
            yield self._again(ended)
        elif ended and chance < 0.27:
            yield self._other_audiences(ended)
        elif chance < 0.35:
            # One file with the responses of several States.
            keys = {self._key() for _ in range(3)}
            keys = [k for k in sorted(keys) if not self._today_only(k)]
            rows = [row for key in keys for row in self._file(key, "secretariat")]
            if rows:
                yield Submit("secretariat", rows)
        else:
            key = self._key()
            who = key[0] if self.random.random() < 0.12 or self._today_only(key) else "secretariat"
            yield self._submit(key, who)

    def _key(self):
        return (
            self.random.choice(self.states),
            self.random.choice(self.facts.checklists),
            self.random.choice(self.rounds),
        )

    def _today_only(self, key):
        return self.filed.get(key) == self.today

    def _again(self, key):
        """The newest file once more changes nothing."""
        day, rows, who = self.open[key]
        rows = [dict(row, audience="", audience_until="") for row in rows]
        self.random.shuffle(rows)
        return Submit(who, rows, expect="unchanged")

    def _other_audiences(self, key):
        """The same answers with other audiences are decisions and no version."""
        day, rows, who = self.open[key]
        # No set is walked where chance is asked: its order differs from process to process.
        chosen = {p: self._audience() for p in dict.fromkeys(row["provision"] for row in rows)}
        rows = [dict(row, **chosen[row["provision"]]) for row in rows]
        return Submit(who, rows)

    def _audience(self):
        audience = self.random.choice(AUDIENCES)
        until = ""
        if audience != "RESTRICTED" and self.random.random() < 0.1:
            until = (self.today + datetime.timedelta(self.random.randint(2, 400))).isoformat()
        return {"audience": audience, "audience_until": until}

    def _submit(self, key, who):
        rows = self._file(key, who)
        known = self.audiences[key[0]]
        if self.random.random() < 0.1:
            # One choice for all; exceptions stay in their rows.
            for row in rows:
                if self.random.random() < 0.5 or row["provision"] not in known:
                    row["audience"] = row["audience_until"] = ""
            named = {}
            for row in rows:  # rows of one answer agree
                named.setdefault(row["provision"], (row["audience"], row["audience_until"]))
                row["audience"], row["audience_until"] = named[row["provision"]]
            return Submit(who, rows, self.random.choice(AUDIENCES))
        return Submit(who, rows)

    def _file(self, key, who):
        state, checklist, round_ = key
        before = self.filed.get(key)
        if who == "secretariat":
            days = [d for d in DAYS if before is None or d >= before]
            if not days or self.random.random() < 0.1:
                days = [self.today]
            near = days[:2] if before in days else days
            day = self.random.choice(near)
        else:
            day = self.today
        items = [p for p in self.provisions if p in self.facts.items[checklist]]
        size = self.random.randint(1, max(1, len(items) * 2 // 3))
        if checklist == COMPREHENSIVE:
            size = min(size, 8)
        rows = []
        for provision in self.random.sample(items, size):
            rows += self._answer(key, day, provision)
        self.filed[key] = day
        self.open[key] = (day, rows, who)
        self.audiences[state] |= {row["provision"] for row in rows}
        return rows

    def _answer(self, key, day, provision):
        state, checklist, round_ = key
        choose = self.random.choice
        compliance = self.random.choices(
            ["YES", "IN_PART", "NO", "NOT_ANSWERED"], [3, 3, 2, 2]
        )[0]
        challenges = []
        if compliance != "YES" and self.random.random() < 0.8:
            challenges = self.random.sample(self.facts.challenges, self.random.randint(1, 2))
        types = [""]
        if compliance != "NOT_ANSWERED":
            types = self.random.choices(
                [
                    self.random.sample(self.facts.types[3:6], self.random.randint(1, 2)),
                    self.random.sample(self.facts.types, self.random.randint(1, 3)),
                    [NO_ASSISTANCE],
                    [""],
                ],
                [4, 2, 1, 1],
            )[0]
        row = dict.fromkeys(COLUMNS, "")
        row |= {
            "state": state,
            "checklist": checklist,
            "round": round_,
            "submitted_on": day.isoformat(),
            "language": "en",
            "provision": provision,
            "compliance": compliance,
            "measures": "" if compliance == "NOT_ANSWERED" else choose(TEXTS),
            "challenges": "|".join(challenges),
            "challenges_text": "as said elsewhere" if challenges else "",
        }
        known = provision in self.audiences[state]
        if not known or self.random.random() < 0.5:
            row |= self._audience()
        rows = []
        for type_ in types:
            stated = type_ not in ("", NO_ASSISTANCE)
            rows.append(
                row
                | {
                    "type": type_,
                    "type_text": "something else" if type_ == "OTHER" else "",
                    "state_priority": choose(["HIGH", "MEDIUM", "LOW", ""]) if stated else "",
                }
            )
        return rows
