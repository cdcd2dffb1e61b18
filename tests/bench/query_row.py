"""The row `query`: the matrix through gRPC, beside DuckDB, and on more data."""

import tempfile
import time
from pathlib import Path

import duckdb
import machine
from oracle.suite import Suite
from programs import Queries, bench_queries, exercise_figures, exercise_file, shown_figures
from table import Line, differs, median, ratio_text, spread_text, time_text, verdict

GRPC_BUDGET = 1000  # microseconds
DUCKDB_BUDGET = 2.0
COPIES = 30  # × 197 States × 199 items: 1.18 million cells
PAIRS = 11
# At ten times the data. Flat is never quite 1: the list of States itself is ten times as long.
FLAT, LINEAR = 1.5, 12.0

ON_EXERCISE_DATA = {
    "group_article": "regional_group x article",
    "group_type": "regional_group x type",
    "subregion_chapter": "subregion x chapter, share",
    "article_need_state": "article x need_state",
    "state_chapter": "state x chapter, needs",
}

# The question in several ways that a person who knows DuckDB may write it; the quickest one is the
# contender. {states} is what makes a State count.
WAYS = {
    "count(distinct)": """
        select grp, article, count(distinct state) filter ({states}),
               count(distinct state) filter (answered)
        from cells where visible group by grp, article""",
    "one group by, then another": """
        select grp, article, count(*) filter (stating), count(*) filter (answering)
        from (select state, grp, article, bool_or({states}) stating, bool_or(answered) answering
              from cells where visible group by state, grp, article)
        group by grp, article""",
    "numbers instead of booleans": """
        select grp, article, sum(stating)::bigint, sum(answering)::bigint
        from (select state, grp, article, max(({states})::utinyint) stating,
                     max(answered::utinyint) answering
              from cells where visible group by state, grp, article)
        group by grp, article""",
    "answered cells only": """
        select grp, article, count(*) filter (stating > 0), count(*)
        from (select state, grp, article, max(({states})::utinyint) stating
              from cells where visible and answered group by state, grp, article)
        group by grp, article""",
}


def through_grpc(programs, folder):
    file, answers = exercise_file(programs, folder)
    with tempfile.TemporaryDirectory(dir=folder) as run:
        with Suite(run, programs) as suite:
            suite.run(suite.token("secretariat"), "response", "submit", str(file), "--exercise")
            if shown_figures(suite) != exercise_figures(programs, folder):
                return [differs("query", "gRPC", "the matrix does not show what was filed")]
            times = bench_queries(programs, "calls", suite.address, str(Path(run) / "tokens"))

    def line(name, what, budget):
        here = times[name]
        return Line(
            "query",
            f"gRPC, {answers:,} answers: {what} ({here['bytes'] / 1000:.1f} kB)",
            ours=time_text(here["median"]),
            ratio="<= 1 ms" if budget else "-",
            spread=f"{time_text(here['p10'])} to {time_text(here['p90'])}",
            verdict=verdict(here["median"] <= GRPC_BUDGET) if budget else "-",
        )

    lines = [line(name, f"{what}, computed", True) for name, what in ON_EXERCISE_DATA.items()]
    first = ON_EXERCISE_DATA["group_article"]
    lines.append(line("another_day", f"{first}, as of a day not asked for before", False))
    cached = line("cached", f"{first}, from the cache beside a bare echo", False)
    cached.baseline = time_text(times["echo"]["median"])
    cached.ratio = ratio_text(times["echo"]["median"] / times["cached"]["median"])
    return lines + [cached]


def database(file, threads):
    connection = duckdb.connect(config={"threads": threads})
    connection.execute(
        f"""create table cells as select * from read_csv('{file}', header = true, columns = {{
            'state': 'USMALLINT', 'grp': 'UTINYINT', 'item': 'USMALLINT', 'article': 'USMALLINT',
            'answered': 'BOOLEAN', 'types': 'UINTEGER', 'visible': 'BOOLEAN'}})"""
    )
    return connection


def timed(connection, query):
    start = time.perf_counter()
    rows = connection.execute(query).fetchall()
    return (time.perf_counter() - start) * 1e6, rows


def pair_line(what, pairs, budget):
    """A line of one contender beside the other; `pairs` of microseconds, ours first."""
    ratios = [theirs / ours for ours, theirs in pairs]
    return Line(
        "query",
        what,
        ours=time_text(median(ours for ours, _ in pairs)),
        baseline=time_text(median(theirs for _, theirs in pairs)),
        ratio=ratio_text(median(ratios)) + (f" (>= {DUCKDB_BUDGET:.0f})" if budget else ""),
        spread=spread_text(ratios, ratio_text),
        verdict=verdict(median(ratios) >= DUCKDB_BUDGET) if budget else "-",
    )


def same_figures(rows, about):
    """DuckDB's rows as bench_queries says its own."""
    groups, articles = about["codes"]["groups"], about["codes"]["articles"]
    return answered(
        [groups[group], articles[str(article)], stating, base]
        for group, article, stating, base in rows
    )


def answered(figures):
    """In one order, without those that nobody answered: not every way of asking lists them."""
    return sorted(figure for figure in figures if figure[3] > 0)


def quickest_way(connection, states, ours, about):
    """The query of the quickest way, and the ways that count otherwise than we do."""
    times, otherwise = {}, []
    for way, text in WAYS.items():
        query = text.format(states=states)
        _, rows = timed(connection, query)
        if same_figures(rows, about) != ours:
            otherwise.append(way)
        times[query] = median([timed(connection, query)[0] for _ in range(3)])
    return min(times, key=times.get), otherwise


def beside_duckdb(programs, folder):
    file = folder / "cells.csv"
    lines = []
    with Queries(programs, COPIES, file) as queries:
        about = queries.about
        cells = f"{about['cells']:,} cells, group x article"
        questions = {
            "any_type": ("any type", "types <> 0"),
            "one_type": ("one type", f"types & {1 << about['type']} <> 0"),
        }
        for threads in sorted({1, machine.cores()}):
            with database(file, threads) as connection:
                for name, (label, states) in questions.items():
                    what = f"{cells}, {label}; DuckDB on {threads} thread{'s' * (threads > 1)}"
                    ours = answered(queries.figures(name))
                    query, otherwise = quickest_way(connection, states, ours, about)
                    if otherwise or not ours:
                        lines.append(differs("query", what, f"other results by {otherwise}"))
                        continue
                    pairs = [(queries.ask(name), timed(connection, query)[0]) for _ in range(PAIRS)]
                    lines.append(pair_line(what, pairs, threads == 1))
                    if threads > 1 or name != "any_type":
                        continue
                    pairs = [
                        (queries.ask_cold(name), timed(connection, query)[0]) for _ in range(PAIRS)
                    ]
                    lines.append(pair_line(f"{what}, ours from the versions filed", pairs, False))
    file.unlink()
    return lines


def growth(programs):
    times = bench_queries(programs, "growth")

    def line(what, question, grown, limit):
        once, more = times["once"][question], times[grown][question]
        ratios = [after / before for before, after in zip(once, more)]
        return Line(
            "query",
            what,
            ours=time_text(median(more)),
            baseline=time_text(median(once)),
            ratio=f"{ratio_text(median(ratios))} (<= {limit:g})",
            spread=spread_text(ratios, ratio_text),
            verdict=verdict(median(ratios) <= limit),
        )

    filed = "from the versions filed"
    return [
        line("one State, 10 x States beside 1 x", "one_state", "states", FLAT),
        line("one State, 10 x versions beside 1 x", "one_state", "history", FLAT),
        line(f"one State {filed}, 10 x States", "one_state_cold", "states", FLAT),
        line(f"one State {filed}, 10 x versions", "one_state_cold", "history", FLAT),
        line("all States, 10 x States beside 1 x", "all_states", "states", LINEAR),
        line("all States, 10 x versions beside 1 x", "all_states", "history", LINEAR),
        line(f"all States {filed}, 10 x States", "all_states_cold", "states", LINEAR),
        line(f"all States {filed}, 10 x versions", "all_states_cold", "history", LINEAR),
    ]


def measure(programs, folder):
    return through_grpc(programs, folder) + beside_duckdb(programs, folder) + growth(programs)
