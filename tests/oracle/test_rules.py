"""The oracle itself against cases worked by hand. Each quotes the rule it stands for."""

import datetime

import pytest
from compare import differences, table_of
from facts import Facts
from filing import Filing
from matrix import Figure, Matrix, Question
from record import Answer, Decision, Version, read_answers, read_decisions, read_history
from sharing import Reader, sees

FACTS = Facts()
TODAY = datetime.date(2025, 6, 15)
SECRETARIAT = Reader("secretariat")
PUBLIC = Reader("public")
EVERYTHING = len(FACTS.provisions)


def day(text):
    return datetime.date.fromisoformat(text)


def answer(compliance="NO", *types, challenges=()):
    return Answer(compliance, frozenset(challenges), dict.fromkeys(types, ""))


def filed(on, answers, state="KEN", checklist="uncac-2007", round_=2007, number=1, **end):
    return Version(state, checklist, round_, number, day(on), answers, **end)


def paragraphs(on, answers, **rest):
    return filed(on, answers, **{"checklist": "uncac-comprehensive", "round_": 2010} | rest)


def shared(*provisions, audience="PUBLIC", named=()):
    return {p: Decision(audience, frozenset(named), None) for p in provisions}


def ask(versions, rows, where=None, reader=SECRETARIAT, decisions=None, on=None, **rest):
    matrix = Matrix(FACTS, versions, decisions or {}, reader, TODAY)
    return matrix.table(Question(rows, where=where or {}, day=on and day(on), **rest))


def value(*arguments, row=None, column=None, **rest):
    return ask(*arguments, **rest).figures[row, column].value


def needs(versions, where=None, reader=SECRETARIAT, decisions=None, on=None):
    matrix = Matrix(FACTS, versions, decisions or {}, reader, TODAY)
    return [n["need"] for n in matrix.needs(Question(None, where=where or {}, day=on and day(on)))]


# Facts.


def test_items():
    """"`uncac-comprehensive` has the 188 items of articles 5 to 59 by paragraph"; the other 15."""
    assert {code: len(items) for code, items in FACTS.items.items()} == {
        "uncac-2007": 15,
        "uncac-comprehensive": 188,
    }
    codes = list(FACTS.provisions)
    assert codes[:6] == ["uncac/5", "uncac/5.1", "uncac/5.2", "uncac/5.3", "uncac/5.4", "uncac/6"]
    assert codes.index("uncac/44.9") + 1 == codes.index("uncac/44.10")


def test_groups():
    """"Groups by the primary group; no rows for the European Union"."""
    assert FACTS.states["TUR"].group == "WEOG"
    assert FACTS.states["NIU"].group == "NONE"
    assert "EUU" not in FACTS.states and len(FACTS.states) == 197


def test_published_rate():
    """"Figure to reproduce: 44 of 105 on 30 November 2007"."""
    on = day("2007-11-30")
    deposited = [s.code for s in FACTS.states.values() if s.deposited and s.deposited <= on]
    assert len(deposited) == 105
    versions = [filed("2007-11-30", {"uncac/5": answer("YES")}, state=s) for s in deposited[:44]]
    table = ask(versions, "regional_group", on="2007-11-30", measure="response_rate")
    figure = table.figures[None, None]
    assert (figure.base, round(figure.value, 4)) == (105, 0.419)


# Standing answers.


def test_day_is_whole():
    """"An as-of day included whole"."""
    versions = [filed("2008-03-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")})]
    assert needs(versions, on="2008-02-29") == []
    assert needs(versions, on="2008-03-01") == ["KEN:uncac/5:LEGAL_ADVICE"]


def test_not_answered_removes_nothing():
    """"NOT_ANSWERED removes nothing"; "within one round version n+1 replaces version n as a
    whole"."""
    first = filed("2008-03-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")})
    other_round = filed("2009-03-01", {"uncac/5": answer("NOT_ANSWERED")}, round_=2009)
    same_round = filed("2009-03-01", {"uncac/5": answer("NOT_ANSWERED")}, number=2)
    assert needs([first, other_round]) == ["KEN:uncac/5:LEGAL_ADVICE"]
    assert needs([first, same_round]) == []
    assert needs([first, same_round], on="2009-02-28") == ["KEN:uncac/5:LEGAL_ADVICE"]


def test_ties():
    """"The answered one with the latest `submitted_on` (ties: later round, then the comprehensive
    checklist)"."""
    on = "2009-03-01"
    early = filed(on, {"uncac/15": answer("NO", "LEGAL_ADVICE")}, round_=2007)
    late = filed(on, {"uncac/15": answer("NO", "ACTION_PLAN")}, round_=2009)
    both = paragraphs(on, {"uncac/15": answer("NO", "MODEL_TREATY")}, round_=2009)
    next_day = filed("2009-03-02", {"uncac/15": answer("NO", "ONSITE_EXPERT")}, round_=2003)
    assert needs([late, early]) == ["KEN:uncac/15:ACTION_PLAN"]
    assert needs([late, both, early]) == ["KEN:uncac/15:MODEL_TREATY"]
    assert needs([next_day, late, both, early]) == ["KEN:uncac/15:ONSITE_EXPERT"]


def test_article_until_a_paragraph():
    """"An answer for a whole article stands until a later response answers a paragraph of it"."""
    article = filed("2009-03-01", {"uncac/44": answer("NO", "LEGAL_ADVICE")})
    paragraph = {"uncac/44.4": answer("NO", "LEGAL_ADVICE")}
    assert needs([article, paragraphs("2010-01-01", paragraph)]) == ["KEN:uncac/44.4:LEGAL_ADVICE"]
    assert needs([article, paragraphs("2008-01-01", paragraph)]) == [
        "KEN:uncac/44:LEGAL_ADVICE",
        "KEN:uncac/44.4:LEGAL_ADVICE",
    ]
    blank = {"uncac/44.4": answer("NOT_ANSWERED")}
    assert needs([article, paragraphs("2010-01-01", blank)]) == ["KEN:uncac/44:LEGAL_ADVICE"]


def test_article_stands_again():
    """"... counts as not answered, and stands again when that response is withdrawn, void or later
    than the day asked for"."""
    article = filed("2009-03-01", {"uncac/44": answer("NO", "LEGAL_ADVICE")})
    paragraph = {"uncac/44.4": answer("NO")}
    stands = paragraphs("2010-01-01", paragraph)
    where = {"provision": ["uncac/44"]}
    states = ask([article, stands], "need_state", where={"state": ["KEN"]}, columns="provision")
    assert states.figures["NOT_ANSWERED", "uncac/44"].value == 1
    assert states.figures["STATED", "uncac/44"].value == 0
    assert needs([article, stands], where) == []
    assert len(needs([article, stands], where, on="2009-12-31")) == 1
    assert len(needs([article, paragraphs("2010-01-01", paragraph, ended=TODAY)], where)) == 1
    assert len(needs([article, paragraphs("2010-01-01", paragraph, void=True)], where)) == 1


def test_withdrawn_and_void():
    """"A withdrawal removes the response from its own day on; a void from all days. Filing again
    after it is the next version"."""
    history = {
        "entries": [
            {"version": 1, "action": "submitted", "day": "2008-03-01", "answers": 1},
            {"version": 1, "action": "withdrawn", "day": "2020-01-01", "answers": 1},
            {"version": 2, "action": "amended", "day": "2021-01-01", "answers": 1},
        ]
    }
    exports = {
        n: f"provision,compliance,challenges,type,state_priority\nuncac/5,NO,,{type_},HIGH\n"
        for n, type_ in ((1, "LEGAL_ADVICE"), (2, "ACTION_PLAN"))
    }
    versions = read_history(("KEN", "uncac-2007", 2007), history, exports.get)
    assert needs(versions, on="2019-12-31") == ["KEN:uncac/5:LEGAL_ADVICE"]
    assert needs(versions, on="2020-01-01") == []
    assert needs(versions, on="2021-01-01") == ["KEN:uncac/5:ACTION_PLAN"]
    history["entries"].append({"version": 2, "action": "voided", "day": "2022-01-01", "answers": 1})
    versions = read_history(("KEN", "uncac-2007", 2007), history, exports.get)
    assert needs(versions, on="2019-12-31") == needs(versions, on="2021-01-01") == []


# Needs and need states.


def test_need_counts_once():
    """"Needs of one State × article × type count once, whether stated for the article or for
    several of its paragraphs"; "as a row `uncac/44` is that item alone, as a filter all below it
    too"."""
    versions = [
        filed("2011-01-01", {"uncac/44": answer("NO", "LEGAL_ADVICE")}),
        paragraphs(
            "2010-01-01",
            dict.fromkeys(["uncac/44.1", "uncac/44.4"], answer("NO", "LEGAL_ADVICE")),
        ),
    ]
    table = ask(versions, "provision", {"provision": ["uncac/44"]}, measure="needs_stated")
    assert table.rows == ["uncac/44"] + [f"uncac/44.{n}" for n in range(1, 19)]
    counted = {row: table.figures[row, None].value for row in table.rows}
    assert [row for row in counted if counted[row]] == ["uncac/44", "uncac/44.1", "uncac/44.4"]
    assert table.figures[None, None].value == 1
    assert len(needs(versions)) == 3


def test_none_stated():
    """"NO_ASSISTANCE_REQUIRED and an empty type both give none stated; neither is a code of
    dimension `type`"."""
    versions = [
        filed("2010-01-01", {"uncac/5": answer("YES", "NO_ASSISTANCE_REQUIRED")}),
        filed("2010-01-01", {"uncac/5": answer("YES")}, state="PER"),
    ]
    assert value(versions, "need_state", row="NONE_STATED") == 2
    assert value(versions, "need_state", row="STATED") == 0
    assert "NO_ASSISTANCE_REQUIRED" not in ask(versions, "type").rows
    assert needs(versions) == []


def test_need_state_and_type():
    """"`states_stating` counts the States with at least one State × provision (× type, if named) in
    it": what is answered without a type is none stated of that type."""
    versions = [filed("2010-01-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")})]
    where = {"need_state": ["NONE_STATED"]}
    assert value(versions, "state_set", where) == 0
    assert value(versions, "type", where, row="ACTION_PLAN") == 1
    assert value(versions, "type", where, row="LEGAL_ADVICE") == 0
    assert value(versions, "type", where) == 0  # the question without a type named


def test_not_asked():
    """"Not asked: the State has a standing response, but none to a checklist with that provision.
    Everything else without an answer is not answered"."""
    versions = [filed("2010-01-01", {"uncac/5": answer("YES")})]
    where = {"state": ["KEN", "PER"]}
    table = ask(versions, "need_state", where, columns="provision")
    assert table.figures["NOT_ASKED", "uncac/44.1"].value == 1  # KEN
    assert table.figures["NOT_ANSWERED", "uncac/44.1"].value == 1  # PER
    assert table.figures["NOT_ANSWERED", "uncac/44"].value == 2
    table = ask(versions, "compliance", where | {"need_state": ["NOT_ANSWERED", "NOT_ASKED"]})
    assert table.figures["NOT_ANSWERED", None].value == 2
    assert table.figures["YES", None].value == 0


def test_not_answered_has_no_need():
    """Without need_state, `states_stating` counts States that state a need, and none is stated
    where nothing is answered."""
    versions = [filed("2010-01-01", {"uncac/5": answer("NOT_ANSWERED")})]
    assert value(versions, "compliance", row="NOT_ANSWERED") == 0


# Rounds.


def test_rounds():
    """"Everything, bases included, is taken among the responses of each named round by itself (a
    filter of several: of those together); a total over rounds uses the standing answer over all".
    """
    versions = [
        filed("2007-01-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")}, round_=2007),
        filed("2009-01-01", {"uncac/5": answer("YES")}, round_=2009),
        filed("2012-01-01", {"uncac/5": answer("NOT_ANSWERED")}, round_=2012),
    ]
    table = ask(versions, "round")
    assert table.rows == [2007, 2009]  # "of round, those of answers seen"
    assert [table.figures[row, None].value for row in (2007, 2009, None)] == [1, 0, 0]
    assert value(versions, "round", {"round": [2007]}) == 1
    assert value(versions, "round", {"round": [2007, 2012]}) == 1
    assert value(versions, "round", {"round": [2007, 2009]}) == 0
    assert needs(versions) == []
    assert needs(versions, {"round": [2007]}) == ["KEN:uncac/5:LEGAL_ADVICE"]
    assert ask(versions, "round", {"round": [2012]}).figures[None, None].base == 0


# Who sees what.


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (SECRETARIAT, "RESTRICTED NAMED PROVIDERS PUBLIC"),
        (Reader("focal_point", "KEN"), "RESTRICTED NAMED PROVIDERS PUBLIC"),
        (Reader("focal_point", "PER"), "PUBLIC"),
        (Reader("provider", "EX1"), "NAMED PROVIDERS PUBLIC"),
        (Reader("provider", "EX2"), "PROVIDERS PUBLIC"),
        (PUBLIC, "PUBLIC"),
    ],
)
def test_audiences(reader, seen):
    """"A focal point reads other States as the public does"."""
    kinds = ("RESTRICTED", "NAMED", "PROVIDERS", "PUBLIC")
    decisions = {k: Decision(k, frozenset(["EX1"] if k == "NAMED" else []), None) for k in kinds}
    assert [k for k in kinds if sees(reader, "KEN", decisions[k], TODAY)] == seen.split()
    assert sees(reader, "KEN", None, TODAY) == ("RESTRICTED" in seen)


def test_end_of_an_audience():
    """"An audience with an end holds through that day (UTC) and falls back to `RESTRICTED`"."""
    decision = Decision("PUBLIC", frozenset(), TODAY)
    assert sees(PUBLIC, "KEN", decision, TODAY)
    assert not sees(PUBLIC, "KEN", decision, TODAY + datetime.timedelta(1))


def test_withheld():
    """"A figure is `withheld` when the reader may see none of the State × provision in its
    coordinates; otherwise it counts those that he may see", and a State × provision without a
    decision is withheld "whether or not there is an answer"."""
    versions = [
        filed("2010-01-01", dict.fromkeys(["uncac/5", "uncac/9"], answer("NO", "OTHER"))),
        filed("2010-01-01", {"uncac/9": answer("NO", "OTHER")}, state="PER"),
    ]
    decisions = {"KEN": shared("uncac/9", "uncac/46")}
    table = ask(
        versions, "article", {"state": ["KEN", "PER"]}, PUBLIC, decisions, columns="state"
    )
    assert table.figures["uncac/9", "KEN"] == Figure(1, False, 1, 3)
    assert table.figures["uncac/9", "PER"] == Figure(None, True, 0, 4)
    assert table.figures["uncac/5", "KEN"] == Figure(None, True, 0, 5)
    assert table.figures["uncac/46", "KEN"] == Figure(0, False, 0, 30)  # shared, without an answer
    assert table.figures["uncac/9", None] == Figure(1, False, 1, 7)
    assert table.figures[None, None] == Figure(1, False, 1, 2 * EVERYTHING - 2)


def test_withheld_states():
    """A need state of a reader: who sees nothing of a figure has it withheld, WITHHELD included."""
    table = ask([], "need_state", {"state": ["KEN", "PER"]}, PUBLIC, {"KEN": shared("uncac/9")})
    assert table.figures["WITHHELD", None].value == 2
    table = ask([], "need_state", {"state": ["PER"]}, PUBLIC)
    assert table.figures["WITHHELD", None] == Figure(None, True, 0, EVERYTHING)


def test_audience_applies_to_the_past():
    """"A question as of an earlier date uses today's audiences"."""
    versions = [filed("2010-01-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")})]
    decisions = {"KEN": shared("uncac/5")}
    assert len(needs(versions, reader=PUBLIC, decisions=decisions, on="2010-01-01")) == 1


# Bases.


def test_respondents():
    """"Respondents of a figure: States with an answered State × provision that the reader sees
    within its State and provision coordinates; other coordinates narrow only those stating"."""
    versions = [
        filed("2010-01-01", {"uncac/5": answer("NO", "LEGAL_ADVICE")}),
        filed("2010-01-01", {"uncac/5": answer("YES")}, state="UGA"),
        filed("2010-01-01", {"uncac/9": answer("YES")}, state="FRA"),
    ]
    table = ask(versions, "type", {"article": ["uncac/5"]}, measure="share_of_respondents")
    assert table.figures["LEGAL_ADVICE", None] == Figure(0.5, False, 2, 0)
    assert table.figures["ACTION_PLAN", None] == Figure(0, False, 2, 0)
    decisions = {"UGA": shared("uncac/5")}
    assert ask(
        versions, "article", {"article": ["uncac/5"]}, PUBLIC, decisions
    ).figures[None, None].base == 1


def test_share_without_a_base():
    """"A share without a base is empty"."""
    table = ask([], "regional_group", measure="share_of_respondents")
    assert table.figures["AFR", None] == Figure(None, False, 0, 0)


def test_response_rate_of_what_is_seen():
    """"Both sides of the response rate count only States of which the reader sees something there".
    """
    answers = {"uncac/5": answer("YES")}
    versions = [filed("2010-01-01", answers, state=s) for s in ("KEN", "AND", "UGA")]
    decisions = {s: shared("uncac/5") for s in ("KEN", "AND", "PER")}  # Andorra has not deposited
    table = ask(versions, "state_set", {}, PUBLIC, decisions, measure="response_rate")
    figure = table.figures[None, None]
    assert (figure.value, figure.base) == (0.5, 2)


# Rows.


def test_rows():
    """"A table lists every code of its dimension that the filters allow, zero or not"; "States by
    name"."""

    def rows(dimension, **where):
        return ask([], dimension, where).rows

    assert rows("state", state=["TUR", "CIV", "HRV", "AUT"]) == ["AUT", "CIV", "HRV", "TUR"]
    assert rows("regional_group", state=["TUR", "NIU"]) == ["WEOG", "NONE"]
    assert rows("state_set", state=["KEN"], state_set=["AU", "ECOWAS"]) == ["AU"]
    assert rows("chapter", provision=["uncac/44.4"]) == ["IV"]
    assert rows("obligation", article=["uncac/16"]) == ["MANDATORY", "CONSIDER", "MIXED"]
    assert rows("subregion", state=["KEN", "VAT"]) == ["Eastern Africa", "Southern Europe"]
    assert rows("compliance", compliance=["NO", "YES"]) == ["YES", "NO"]
    assert len(rows("article")) == 55


def test_total_is_no_sum():
    """"A total is the same question without that dimension, never a sum"."""
    versions = [filed("2010-01-01", {"uncac/5": answer("NO", "LEGAL_ADVICE", "ACTION_PLAN")})]
    table = ask(versions, "type", columns="state_set", where={"state": ["KEN"]})
    assert table.columns == ["EAC", "IGAD", "AU"]
    assert [table.figures["LEGAL_ADVICE", c].value for c in (*table.columns, None)] == [1, 1, 1, 1]
    assert table.figures[None, None].value == 1


# Filing and comparing.


def rows_of(*provisions, audience="", on="2010-01-01", compliance="YES"):
    empty = dict.fromkeys("challenges type state_priority audience_until".split(), "")
    return [
        {
            "state": "KEN",
            "checklist": "uncac-2007",
            "round": 2010,
            "submitted_on": on,
            "provision": p,
            "compliance": compliance,
            "audience": audience,
        }
        | empty
        for p in provisions
    ]


KEY = ("KEN", "uncac-2007", 2010)


def test_same_file():
    """"Equal means the same rows in any order and, if given, the same `submitted_on`; then neither
    versions nor sharing change, except that an audience other than the one last filed is a sharing
    decision. A later date alone is a new version"; "A, B, A amends twice"."""
    filing = Filing()
    for count, rows in [
        (1, rows_of("uncac/5", "uncac/9", audience="PUBLIC")),
        (1, rows_of("uncac/9", "uncac/5")),
        (1, rows_of("uncac/9", "uncac/5", audience="PROVIDERS")),
        (2, rows_of("uncac/9", "uncac/5", on="2010-01-02")),
        (3, rows_of("uncac/5")),
        (4, rows_of("uncac/9", "uncac/5")),
    ]:
        filing.submitted(rows)
        assert len(filing.versions[KEY]) == count
    filing.ended(KEY)
    filing.submitted(rows_of("uncac/9", "uncac/5"))
    assert len(filing.versions[KEY]) == 5
    assert filing.decisions == {"KEN": shared("uncac/5", "uncac/9", audience="PROVIDERS")}


def test_decisions_in_files():
    """"A filled `audience` in a submitted row is a decision; an empty one without `--audience`
    leaves the decision in force; provisions without a row are untouched"."""
    filing = Filing()
    filing.submitted(rows_of("uncac/5", "uncac/9", audience="NAMED:EX1|EX2"))
    filing.submitted(rows_of("uncac/9", audience="RESTRICTED", compliance="NO"))
    filing.submitted(rows_of("uncac/5", "uncac/46", compliance="NO"), audience="PUBLIC")
    assert filing.decisions["KEN"] == {
        **shared("uncac/9", audience="RESTRICTED"),
        **shared("uncac/5", "uncac/46"),
    }


def test_reading():
    text = (
        "provision,compliance,challenges,type,state_priority\n"
        "uncac/5,NO,INTERAGENCY|OTHER,LEGAL_ADVICE,HIGH\n"
        "uncac/5,NO,INTERAGENCY|OTHER,OTHER,\n"
        "uncac/9,NOT_ANSWERED,,,\n"
    )
    assert read_answers(text) == {
        "uncac/5": Answer(
            "NO", frozenset(["INTERAGENCY", "OTHER"]), {"LEGAL_ADVICE": "HIGH", "OTHER": ""}
        ),
        "uncac/9": Answer("NOT_ANSWERED", frozenset(), {}),
    }
    listing = {
        "decisions": [
            {
                "provision": "uncac/5",
                "audience": "AUDIENCE_NAMED",
                "named": ["EX1"],
                "until": "2030-01-01",
            }
        ]
    }
    assert read_decisions(listing) == {
        "uncac/5": Decision("NAMED", frozenset(["EX1"]), day("2030-01-01"))
    }


def cell(value, withheld=False, base=1, cells=0):
    return {"value": value, "withheld": withheld, "base": base, "withheld_cells": cells}


def test_differences_are_found():
    """The comparison sees a changed value, flag, base, count, code and order."""

    def table(first, second, total, codes=("AFR", "APG")):
        return table_of(
            {
                "rows": "regional_group",
                "columns": "",
                "column_headers": [],
                "matrix": [
                    {"header": {"code": code}, "figures": [figure]}
                    for code, figure in zip(codes, (first, second))
                ],
                "column_totals": [],
                "total": total,
            }
        )

    one = table(cell(0.5), cell(None, True), cell(0.5))
    assert differences(one, table(cell(0.5 + 1e-12), cell(None, True), cell(0.5))) == []
    assert len(differences(one, table(cell(0.5), cell(None, True), cell(0.6)))) == 1
    assert len(differences(one, table(cell(0.5), cell(None), cell(0.5)))) == 1
    assert len(differences(one, table(cell(0.5, base=2), cell(None, True), cell(0.5)))) == 1
    assert len(differences(one, table(cell(0.5, cells=1), cell(None, True), cell(0.5)))) == 1
    swapped = table(cell(None, True), cell(0.5), cell(0.5), ("APG", "AFR"))
    assert len(differences(one, swapped)) == 1
