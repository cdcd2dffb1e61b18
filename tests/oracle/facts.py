"""The project's reference data, read from its own files and from nothing else."""

import csv
import datetime
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "services" / "reference" / "data"

OBLIGATIONS = (
    "MANDATORY",
    "CONSIDER",
    "ENDEAVOUR",
    "ENCOURAGED",
    "OPTIONAL",
    "PROHIBITION",
    "MIXED",
    "NONE",
)
GROUPS = ("AFR", "APG", "EEG", "GRULAC", "WEOG", "NONE")
COMPLIANCE = ("YES", "IN_PART", "NO", "NOT_ANSWERED")
NEED_STATES = ("STATED", "NONE_STATED", "NOT_ANSWERED", "WITHHELD", "NOT_ASKED")
NO_ASSISTANCE = "NO_ASSISTANCE_REQUIRED"
COMPREHENSIVE = "uncac-comprehensive"


@dataclass(frozen=True)
class State:
    code: str
    name: str
    group: str  # the primary one: it stands first in the file
    subregion: str
    deposited: datetime.date | None
    sets: frozenset


@dataclass(frozen=True)
class Provision:
    code: str
    article: str
    chapter: str
    obligation: str
    number: tuple  # treaty order: the article, then the paragraph, 0 for the article itself
    untoc: frozenset  # articles of the other convention that its article serves too


def rows(name, folder=DATA):
    """The rows of a data file, its comment lines left out."""
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return list(csv.DictReader(lines))


def number(code):
    article, _, paragraph = code.partition("/")[2].partition(".")
    return int(article), int(paragraph or 0)


class Facts:
    """`states` are in the order of their English names, `provisions` in treaty order: the items of
    the checklists, since an answer names nothing else."""

    def __init__(self, folder=DATA):
        sets = {}
        for row in rows("state_set_members", folder):
            sets.setdefault(row["member"], set()).add(row["set"])
        self.states = {}
        for row in rows("states", folder):
            deposited = row["uncac_deposited"]
            self.states[row["iso3"]] = State(
                code=row["iso3"],
                name=row["name"],
                group=row["groups"].split("|")[0],
                subregion=row["subregion"],
                deposited=datetime.date.fromisoformat(deposited) if deposited else None,
                sets=frozenset(sets.get(row["iso3"], ())),
            )

        chapters = {int(row["number"]): row["chapter"] for row in rows("uncac_articles", folder)}
        levels = {row["item"]: row["obligation"] for row in rows("uncac_paragraphs", folder)}
        # "UNCAC needs beside the UNTOC provisions they also serve": where the duty is the same in whole
        # or in part; related articles hold another one.
        served = {}
        for row in rows("crosswalk", folder):
            if row["relation"] in ("EQUIVALENT", "OVERLAPPING"):
                served.setdefault(row["uncac"], set()).add(row["untoc"])
        self.items = {}
        for row in rows("checklist_items", folder):
            self.items.setdefault(row["checklist"], set()).add(row["item"])
        self.checklists = [row["code"] for row in rows("checklists", folder)]
        self.provisions = {}
        for code in sorted(set().union(*self.items.values()), key=number):
            article = f"uncac/{number(code)[0]}"
            self.provisions[code] = Provision(
                code=code,
                article=article,
                chapter=chapters[number(code)[0]],
                obligation=levels.get(code) or obligation_of_article(code, levels),
                number=number(code),
                untoc=frozenset(served.get(article, ())),
            )

        self.chapters = [row["code"] for row in rows("chapters", folder)]
        self.subregions = [row["name"] for row in rows("subregions", folder)]
        self.state_sets = [row["code"] for row in rows("state_sets", folder)]
        self.challenges = [row["code"] for row in rows("challenges", folder)]
        self.types = [
            row["code"]
            for row in rows("assistance_types", folder)
            if row["code"] != NO_ASSISTANCE
        ]

    def untoc_articles(self):
        served = set().union(*(p.untoc for p in self.provisions.values()))
        return sorted(served, key=number)

    def articles(self):
        return list(dict.fromkeys(p.article for p in self.provisions.values()))


def obligation_of_article(article, levels):
    """The data gives levels to paragraphs. A whole article has theirs if they agree; if they differ
    it asks for different things with verbs of different strength, which the data calls MIXED."""
    found = {level for item, level in levels.items() if item.startswith(article + ".")}
    return found.pop() if len(found) == 1 else "MIXED"
