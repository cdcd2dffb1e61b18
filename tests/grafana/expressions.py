"""Prints the questions of the dashboard as recording rules, so that `promtool check rules` reads them."""

import json
import pathlib

import yaml

FILE = pathlib.Path(__file__).resolve().parents[2] / "deploy/grafana/dashboard.json"


def expressions():
    for panel in json.loads(FILE.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"].replace("$__rate_interval", "5m").replace("$job", ".*")


if __name__ == "__main__":
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(expressions())]
    print(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
