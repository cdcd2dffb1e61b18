"""One table of results. A line is judged here and nowhere else."""

import statistics
import sys
from dataclasses import dataclass

PASS, MISS, FAIL, NONE = "PASS", "MISS", "FAIL", "-"


@dataclass
class Line:
    row: str
    what: str
    ours: str = "-"
    baseline: str = "-"
    ratio: str = "-"  # or the budget itself, where it is no ratio
    spread: str = "-"
    verdict: str = NONE  # "-": no budget, for information

    def cells(self):
        figures = [self.ours, self.baseline, self.ratio, self.spread]
        return [self.row, self.what, *figures, self.verdict]


HEADER = ["row", "what", "ours", "baseline", "ratio or budget", "spread", "verdict"]


def verdict(within):
    return PASS if within else MISS


def differs(row, what, why):
    """The contenders do not agree: no figure is printed for them."""
    print(f"scripts/bench: {row}, {what}: {why}", file=sys.stderr)
    return Line(row, what, verdict=FAIL)


def median(values):
    return statistics.median(values)


def time_text(microseconds):
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.2f} s"
    if microseconds >= 1e3:
        return f"{microseconds / 1e3:.2f} ms"
    return f"{microseconds:.0f} us"


def rate_text(per_second):
    return f"{per_second:,.0f}/s"


def spread_text(values, text):
    return f"{text(min(values))} to {text(max(values))}"


def ratio_text(ratio):
    return f"{ratio:.2f}"


def print_table(lines):
    rows = [HEADER] + [line.cells() for line in lines]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADER))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
