"""The programs that are measured, and the one that measures where Python would be too slow."""

import json
import subprocess

SEED = "2009"  # of scripts/run and of bench_queries


def exercise_file(programs, folder):
    """Makes the file of the exercise data; the number of answers in it."""
    path = folder / "exercise-responses.csv"
    subprocess.run(
        [programs / "uncac", "exercise", "responses", "--seed", SEED, "--out", path],
        check=True,
        capture_output=True,
    )
    with open(path, encoding="utf-8") as file:
        next(file)
        # A row for each type needed; State, checklist, round and provision make the answer.
        answers = {tuple(line.split(",", 6)[at] for at in (0, 1, 2, 5)) for line in file}
    return path, len(answers)


def bench_queries(programs, *words):
    """One line of JSON that it prints."""
    done = subprocess.run(
        [programs / "bench_queries", *words], check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


class Queries:
    """The exercise data folded in a process that is asked one question at a time. To be used in a
    `with` statement."""

    def __init__(self, programs, copies, file):
        self.process = subprocess.Popen(
            [programs / "bench_queries", "cells", str(copies), file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.about = None

    def __enter__(self):
        try:
            self.about = self._read()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("bench_queries ended before it was asked to")
        return json.loads(line)

    def _say(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self._read()

    def figures(self, question):
        return self._say("figures", question)

    def ask(self, question):
        """Microseconds with the standing answers of the day at hand."""
        return self._say("ask", question)

    def ask_cold(self, question):
        """Microseconds with nothing at hand."""
        return self._say("cold", question)


def exercise_figures(programs, folder):
    """[group, article, States stating, respondents] of the exercise data for the provider EX1,
    computed from the file without a suite."""
    with Queries(programs, 1, folder / "cells.csv") as queries:
        return queries.figures("any_type")


def shown_figures(suite):
    """The same as a suite shows them."""
    answer = suite.ask(
        suite.token("provider", "EX1"),
        *("matrix", "--rows", "regional_group", "--cols", "article"),
    )
    columns = [header["code"] for header in answer["column_headers"]]
    return [
        [row["header"]["code"], column, int(figure.get("value", 0)), int(figure.get("base", 0))]
        for row in answer["matrix"]
        for column, figure in zip(columns, row["figures"])
        if not figure.get("withheld")
    ]
