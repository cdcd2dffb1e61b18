"""Random questions over all dimensions, measures, filters and days. Same seed, same questions."""

import datetime
import random

from facts import COMPLIANCE, GROUPS, NEED_STATES, OBLIGATIONS
from matrix import (
    ANSWER_DIMENSIONS,
    MEASURES,
    PROVISION_DIMENSIONS,
    STATE_DIMENSIONS,
    Question,
)

DIMENSIONS = (*STATE_DIMENSIONS, *PROVISION_DIMENSIONS, *ANSWER_DIMENSIONS, "round")
BEFORE_EVERYTHING = datetime.date(2004, 1, 1)
LARGEST_TABLE = 1500  # figures; States by provisions without a filter would be 39,203


class Questions:
    def __init__(self, facts, seed, histories, today, measures=MEASURES):
        self.facts = facts
        self.random = random.Random(f"questions {seed}")
        self.today = today
        self.measures = measures
        self.states = histories.states
        self.provisions = histories.provisions
        self.rounds = histories.rounds
        self.days = self._days(histories)

    def _days(self, histories):
        near = set()
        filed = {day for day, _, _ in histories.open.values()} | set(histories.filed.values())
        deposited = {self.facts.states[s].deposited for s in histories.states} - {None}
        for day in filed | deposited:
            near |= {day + datetime.timedelta(n) for n in (-1, 0, 1)}
        return sorted(d for d in near if d <= self.today)

    def take(self, count):
        return [self._question() for _ in range(count)]

    def _question(self):
        if self.random.random() < 0.1:
            return Question(None, where=self._where(), day=self._day())
        # Need states and rounds have the most rules, so they are asked for more often.
        rows, columns = self.random.sample((*DIMENSIONS, "need_state", "round"), 2)
        if rows == columns:
            columns = None
        if self.random.random() < 0.25:
            columns = None
        where = self._where()
        self._keep_small(rows, columns, where)
        return Question(rows, columns, self.random.choice(self.measures), where, self._day())

    def _keep_small(self, rows, columns, where):
        """Names States or articles where the table would be larger than is worth the time."""
        sizes = {"state": 197, "provision": 199, "article": 55, "subregion": 22, "state_set": 19}
        if sizes.get(rows, 10) * sizes.get(columns, 10 if columns else 1) <= LARGEST_TABLE:
            return
        if "state" in (rows, columns):
            where["state"] = self._codes("state")
        if "provision" in (rows, columns) and "article" not in where:
            where["article"] = self._codes("article")

    def _day(self):
        return self.random.choices(
            [None, self.today, BEFORE_EVERYTHING, self.random.choice(self.days or [self.today])],
            [4, 1, 1, 10],
        )[0]

    def _where(self):
        count = self.random.choices([0, 1, 2, 3, 4], [3, 4, 3, 2, 1])[0]
        return {d: self._codes(d) for d in self.random.sample(DIMENSIONS, count)}

    def _codes(self, dimension):
        states = [self.facts.states[s] for s in self.states]
        provisions = [self.facts.provisions[p] for p in self.provisions]
        likely = {
            "state": self.states,
            "regional_group": [s.group for s in states],
            "subregion": [s.subregion for s in states],
            "state_set": [code for s in states for code in s.sets],
            "chapter": [p.chapter for p in provisions],
            "article": [p.article for p in provisions],
            "provision": self.provisions + [p.article for p in provisions],
            "obligation": [p.obligation for p in provisions],
            "untoc_article": [code for p in provisions for code in p.untoc],
            "type": self.facts.types[3:6],
            "round": self.rounds,
        }
        any_code = {
            "state": list(self.facts.states),
            "regional_group": GROUPS,
            "subregion": self.facts.subregions,
            "state_set": self.facts.state_sets,
            "chapter": sorted({p.chapter for p in self.facts.provisions.values()}),
            "article": self.facts.articles(),
            "provision": list(self.facts.provisions) + self.facts.articles(),
            "obligation": OBLIGATIONS,
            "untoc_article": self.facts.untoc_articles(),
            "type": self.facts.types,
            "compliance": COMPLIANCE,
            "challenge": self.facts.challenges,
            "need_state": NEED_STATES,
            "round": range(2006, 2020),
        }[dimension]
        pool = likely.get(dimension)
        if not pool or self.random.random() < 0.15:
            pool = any_code
        pool = sorted(set(pool))
        return self.random.sample(pool, min(len(pool), self.random.choice([1, 1, 2, 2, 3])))
