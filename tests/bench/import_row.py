"""The row `import`: the exercise data through the command line into an empty suite, until the
matrix shows it."""

import tempfile
import time

from oracle.suite import Suite
from programs import exercise_figures, exercise_file, shown_figures
from table import Line, differs, median, spread_text, time_text, verdict

RUNS = 5
BUDGET = 3e6  # microseconds


def one_run(programs, file, expected):
    """Microseconds, or what is wrong with what the matrix shows."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        with Suite(folder, programs) as suite:
            start = time.perf_counter()
            suite.run(suite.token("secretariat"), "response", "submit", str(file), "--exercise")
            took = (time.perf_counter() - start) * 1e6
            # At once: `response submit` says that it waits until the matrix has what was filed.
            shown = shown_figures(suite)
    return took, "" if shown == expected else "the matrix does not show what was filed"


def measure(programs, folder):
    file, answers = exercise_file(programs, folder)
    expected = exercise_figures(programs, folder)
    what = f"{answers:,} answers by file, until queryable"
    times = []
    for _ in range(RUNS):
        took, wrong = one_run(programs, file, expected)
        if wrong:
            return [differs("import", what, wrong)]
        times.append(took)
    return [
        Line(
            "import",
            what,
            ours=time_text(median(times)),
            ratio="<= 3 s",
            spread=spread_text(times, time_text),
            verdict=verdict(median(times) <= BUDGET),
        )
    ]
