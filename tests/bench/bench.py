"""Runs rows of the benchmark and prints one table. `scripts/bench` calls it; see README.md."""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import machine  # noqa: E402
from table import FAIL, print_table  # noqa: E402

# In the order in which they run. A row's module is read only when it is asked for: `import` needs
# no DuckDB. The rows of stack_rows are measured by bench_stack on servers of its own.
ROWS = {
    "import": "import_row",
    "query": "query_row",
    "build": "build_row",
    **dict.fromkeys(("submit", "fold", "write", "cached", "latency"), "stack_rows"),
}


def versions(rows):
    known = {"Python": sys.version.split()[0]}
    if "query" in rows:
        known["DuckDB"] = importlib.import_module("duckdb").__version__
    return ", ".join(f"{name} {version}" for name, version in known.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the data lies meanwhile")
    parser.add_argument("rows", nargs="+", choices=[*ROWS])
    arguments = parser.parse_args()
    rows = [row for row in ROWS if row in arguments.rows]

    before = machine.load()
    lines = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        folder = Path(made)
        fsync = machine.fsync_milliseconds(folder)
        for row in rows:
            print(f"measuring: {row}", file=sys.stderr)
            module = importlib.import_module(ROWS[row])
            if module.__name__ == "stack_rows":
                lines += module.measure(arguments.programs, row)
            else:
                lines += module.measure(arguments.programs, folder)

    print_table(lines)
    print()
    print(f"load average  {before} before, {machine.load()} after")
    print(f"machine       {machine.cores()} cores, {machine.processor()}")
    print(f"fsync         {fsync:.2f} ms, median of 50 of 4 KiB where the data lies")
    print(f"versions      {versions(rows)}")
    return 1 if any(line.verdict == FAIL for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
