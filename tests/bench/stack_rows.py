"""The rows that need Kafka, PostgreSQL or Redis: bench_stack starts the servers, compares the
contenders and takes the pairs; here they become lines of the table."""

import json
import subprocess

from table import Line, differs, median, rate_text, ratio_text, spread_text, time_text, verdict


def line_of(row, measured):
    what = measured["what"]
    if "differs" in measured:
        return differs(row, what, measured["differs"])
    times = measured["unit"] == "microseconds"
    text = time_text if times else rate_text
    ours, baseline = measured["ours"], measured["baseline"]
    line = Line(row, what, ours=text(median(ours)), spread=spread_text(ours, text))
    if not baseline:
        return line
    # More is better, but where a time may be at most so many times the other.
    at_least, at_most = measured["at_least"], measured["at_most"]
    ours_first = not times or at_most > 0
    ratios = [a / b if ours_first else b / a for a, b in zip(ours, baseline, strict=True)]
    line.baseline = text(median(baseline))
    line.ratio = ratio_text(median(ratios))
    line.spread = spread_text(ratios, ratio_text)
    if at_least:
        line.ratio += f" (>= {at_least:g})"
        line.verdict = verdict(median(ratios) >= at_least)
    if at_most:
        line.ratio += f" (<= {at_most:g})"
        line.verdict = verdict(median(ratios) <= at_most)
    return line


def measure(programs, row):
    done = subprocess.run([programs / "bench_stack", row], check=True, stdout=subprocess.PIPE)
    return [line_of(row, measured) for measured in json.loads(done.stdout)]
