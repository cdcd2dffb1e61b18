"""Holds an answer of the program against the oracle's; makes a difference small and readable."""

from dataclasses import replace

from matrix import Figure, Table

# Coverage comes with projects, and texts are no part of the rules; the oracle has neither.
NEED_FIELDS = (
    "need state provision type state_priority audience stated_on checklist round version"
).split()


def table_of(answer):
    """The program's JSON as a Table."""

    def figure(cell):
        return Figure(cell["value"], cell["withheld"], cell["base"], cell["withheld_cells"])

    def code(dimension, header):
        return int(header["code"]) if dimension == "round" else header["code"]

    columns = [code(answer["columns"], header) for header in answer["column_headers"]]
    rows = [code(answer["rows"], line["header"]) for line in answer["matrix"]]
    figures = {(None, None): figure(answer["total"])}
    for column, cell in zip(columns, answer["column_totals"], strict=bool(columns)):
        figures[None, column] = figure(cell)
    for row, line in zip(rows, answer["matrix"]):
        if columns:
            figures[row, None] = figure(line["total"])
            for column, cell in zip(columns, line["figures"], strict=True):
                figures[row, column] = figure(cell)
        elif answer["columns"]:  # the columns asked for are none, as of rounds without an answer
            figures[row, None] = figure(line["total"])
        else:
            (figures[row, None],) = map(figure, line["figures"])
    return Table(rows, columns, figures)


def same(ours, theirs):
    if ours is None or theirs is None:
        return False
    value = (
        ours.value == theirs.value
        if ours.value is None or theirs.value is None
        else abs(ours.value - theirs.value) <= 1e-9
    )
    return value and (ours.withheld, ours.base, ours.withheld_cells) == (
        theirs.withheld,
        theirs.base,
        theirs.withheld_cells,
    )


def differences(ours, theirs):
    """Lines that say what differs, none if nothing does."""
    if isinstance(ours, list):
        theirs = [{f: need.get(f) for f in NEED_FIELDS} for need in theirs]
        lines = [f"only the oracle has {n}" for n in ours if n not in theirs]
        lines += [f"only the program has {n}" for n in theirs if n not in ours]
        if not lines and ours != theirs:
            orders = [[need["need"] for need in needs] for needs in (ours, theirs)]
            lines = ["order: oracle {}, program {}".format(*orders)]
        return lines
    lines = []
    for name in ("rows", "columns"):
        if getattr(ours, name) != getattr(theirs, name):
            lines.append(f"{name}: oracle {getattr(ours, name)}, program {getattr(theirs, name)}")
    for place in ours.figures.keys() & theirs.figures.keys():
        if not same(ours.figures[place], theirs.figures[place]):
            row, column = ("total" if code is None else code for code in place)
            lines.append(
                f"{row} × {column}: oracle {shown(ours.figures[place])}, "
                f"program {shown(theirs.figures[place])}"
            )
    return lines


def shown(figure):
    value = "withheld" if figure.withheld else figure.value
    return f"{value} of {figure.base}, {figure.withheld_cells} withheld"


def smaller(question):
    """Questions like this one with one thing less."""
    if question.columns:
        yield replace(question, columns=None)
        yield replace(question, rows=question.columns, columns=None)
    for dimension, codes in question.where.items():
        yield replace(question, where={d: c for d, c in question.where.items() if d != dimension})
        if len(codes) > 1:
            for code in codes:
                yield replace(question, where=question.where | {dimension: [code]})
    if question.measure != "states_stating":
        yield replace(question, measure="states_stating")


def narrower(question, states, provisions):
    """Questions like this one of one State, of one article or provision."""
    if len(question.where.get("state", ())) != 1:
        for state in states:
            yield replace(question, where=question.where | {"state": [state]})
    if len(question.where.get("provision", ())) != 1:
        for provision in provisions:
            yield replace(question, where=question.where | {"provision": [provision]})


def smallest(question, differs, states, provisions):
    """The smallest question found, from this one, that still differs."""
    moved = True
    while moved:
        moved = False
        for candidate in smaller(question):
            if differs(candidate):
                question, moved = candidate, True
                break
    for _ in range(2):  # a State, then a provision
        for candidate in narrower(question, states, provisions):
            if differs(candidate):
                question = candidate
                break
    return question


def record_of(question, versions, decisions):
    """The part of the record that a small question is about, as lines."""
    states = question.where.get("state", ())
    provisions = question.where.get("provision", question.where.get("article", ()))
    if len(states) != 1:
        return []
    articles = {p.partition(".")[0] for p in provisions}

    def near(provision):
        return not articles or provision.partition(".")[0] in articles

    lines = []
    for v in versions:
        if v.state in states:
            end = " void" if v.void else f" ended {v.ended}" if v.ended else ""
            lines.append(f"{v.state} {v.checklist} {v.round} v{v.number} of {v.day}{end}")
            lines += [
                f"    {p} {a.compliance} types {list(a.types)} challenges {sorted(a.challenges)}"
                for p, a in v.answers.items()
                if near(p)
            ]
    for p, d in decisions[states[0]].items():
        if near(p):
            lines.append(f"shared {p} {d.audience} {sorted(d.named)} until {d.until}")
    return lines
