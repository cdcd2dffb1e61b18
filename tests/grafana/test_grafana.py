"""The layout of deploy/grafana. That the names are those of the running programs is the integration test
Metrics; that Prometheus reads the expressions and the alerts fire, promtool in `scripts/test --all`."""

import json
import pathlib

import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "deploy/grafana"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())


def test_every_alert_says_what_it_is_and_what_to_do():
    names = [rule["alert"] for rule in RULES]
    assert names and len(set(names)) == len(names)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert rule["expr"].strip(), rule["alert"]


def test_every_alert_is_tried():
    tried = (pathlib.Path(__file__).parent / "alerts_test.yaml").read_text()
    for rule in RULES:
        assert f'alertname="{rule["alert"]}"' in tried, rule["alert"]


def test_panels_have_ids_of_their_own_and_do_not_lie_upon_each_other():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_asks_the_chosen_source_for_the_chosen_programs():
    for panel in DASHBOARD["panels"]:
        if panel["type"] == "row":
            continue
        assert panel["description"] and panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${source}", panel["title"]
            # Each metric with its choice of programs: none is left out, none asks for all.
            assert target["expr"].count("{job=~\"$job\"") == target["expr"].count("{"), panel["title"]
            assert "{" in target["expr"], panel["title"]
