"""What a filing must leave on record: which versions, and which sharing decisions.

The matrix is computed from what the program exports; this holds the exports themselves against what
was filed, so that a row lost on the way in is not lost on both sides of the comparison.
"""

import datetime

from record import Decision, answers_of

SHARING = ("audience", "audience_until")


class Filing:
    """Follows acts one by one. `versions[key]` are the answers of each version, oldest first,
    `decisions[state]` the decisions in force."""

    def __init__(self):
        self.versions = {}
        self.decisions = {}
        self._newest = {}  # key -> rows without audiences, of a response that has not ended
        self._audiences = {}  # key -> provision -> the audience last filed

    def submitted(self, rows, audience=None):
        """One file. `audience` is that of `--audience`: for rows that name none."""
        by_key = {}
        for row in rows:
            by_key.setdefault((row["state"], row["checklist"], row["round"]), []).append(row)
        for key, own in by_key.items():
            self._response(key, own, audience)

    def ended(self, key):
        """"Filing again after it is the next version", be it equal or not."""
        self._newest.pop(key, None)

    def _response(self, key, rows, audience):
        # "Equal means the same rows in any order and, if given, the same `submitted_on`".
        body = sorted(
            tuple(str(v) for column, v in row.items() if column not in SHARING) for row in rows
        )
        amended = self._newest.get(key) != body
        if amended:
            self._newest[key] = body
            self.versions.setdefault(key, []).append(answers_of(rows))
        last = self._audiences.setdefault(key, {})
        shared = {row["provision"]: self._filed(row, audience) for row in rows}
        for provision, filed in shared.items():
            if filed is None:
                continue  # "leaves the decision in force"
            # "Then neither versions nor sharing change, except that an audience other than the one
            # last filed is a sharing decision."
            if amended or last.get(provision) != filed:
                self.decisions.setdefault(key[0], {})[provision] = filed
            last[provision] = filed

    def _filed(self, row, audience):
        word = row["audience"] or audience
        if not word:
            return None
        kind, _, named = word.partition(":")
        until = row["audience_until"] if row["audience"] else ""
        return Decision(
            kind,
            frozenset(filter(None, named.split("|"))),
            datetime.date.fromisoformat(until) if until else None,
        )

