"""The row `build`: how long a newcomer waits for `scripts/run`, and a developer for a test after one
changed source. Without ccache; packages are installed before."""

import os
import socket
import subprocess
import time
from pathlib import Path

from table import Line, median, spread_text, time_text, verdict

ROOT = Path(__file__).resolve().parents[2]
RUN_BUDGET = 600e6  # microseconds
CHANGE_BUDGET = 30e6
ROUNDS = 3
PORTS = (7400, 7480, 7490)  # of scripts/run, before its --port-offset

# A rule of the subject, a mechanism that every service stands on, and a test itself.
CHANGED = {
    "services/needs_matrix/domain/question.cc": "MatrixQuestion.*",
    "services/platform/events/consumer.cc": "ConsumerOnEmbeddedLog.*",
    "tests/unit/matrix_question_test.cc": "MatrixQuestion.*",
}


def free_offset():
    for offset in range(10_000, 25_000, 100):
        try:
            for port in PORTS:
                with socket.socket() as tried:
                    tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    tried.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return offset
    raise RuntimeError("no free ports for scripts/run")


def cold_run(folder, environment):
    """`scripts/run` in a new build folder with a new data folder, until it serves."""
    command = [
        *(ROOT / "scripts/run", "--port-offset", str(free_offset())),
        *("--build-dir", folder / "cold", "--data", folder / "cold-data"),
    ]
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
        serves = any(line.startswith("Serving until") for line in run.stdout)
        took = (time.perf_counter() - start) * 1e6
        run.terminate()
    # It has ended: the folder that the suite wrote to goes next.
    if not serves:
        raise RuntimeError("scripts/run did not come to serve")
    return Line(
        "build",
        "scripts/run in a new folder until it serves, packages installed before",
        ours=time_text(took),
        ratio="<= 10 min",
        verdict=verdict(took <= RUN_BUDGET),
    )


def changed_source(programs, source, tests, environment):
    """From a saved source to the end of its tests, in the build folder as it is."""
    times = []
    for _ in range(ROUNDS):
        os.utime(ROOT / source)
        start = time.perf_counter()
        subprocess.run(
            ["cmake", "--build", programs.parent, "--target", "unit_tests"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        ran = subprocess.run(
            [programs / "unit_tests", f"--gtest_filter={tests}"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        times.append((time.perf_counter() - start) * 1e6)
        if "[  PASSED  ] 0 tests" in ran.stdout:
            raise RuntimeError(f"no unit test is named {tests}")
    return Line(
        "build",
        f"{source} saved, until {tests} has run",
        ours=time_text(median(times)),
        ratio="<= 30 s",
        spread=spread_text(times, time_text),
        verdict=verdict(median(times) <= CHANGE_BUDGET),
    )


def measure(programs, folder):
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    lines = [
        changed_source(programs, source, tests, environment) for source, tests in CHANGED.items()
    ]
    return [cold_run(folder, environment), *lines]
