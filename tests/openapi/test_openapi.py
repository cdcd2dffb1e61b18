"""What the gateway answers is what its OpenAPI document says: every operation is asked at a running
suite, well and badly, and question and answer are held against the document that it serves."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, RefResolver
from oracle.suite import Suite

ROOT = Path(__file__).resolve().parents[2]
KENYA = {"state": "KEN", "checklist": "uncac-2007", "round": 2026}
OPERATIONS = "/uncac.operations.v1.Operations/"
INTAKE = "/uncac.checklist.v1.ChecklistIntake/"
MATRIX = "/uncac.needs.v1.NeedsMatrix/"
ANSWER = {
    "provision": "uncac/9",
    "compliance": "COMPLIANCE_IN_PART",
    "challenges": ["LIMITED_AWARENESS"],
    "needed": [{"type": "LEGAL_ADVICE", "statePriority": "HIGH"}],
}


class Asked:
    """One suite, its document, and which operations were asked well and badly."""

    def __init__(self, suite):
        self.suite = suite
        self.document = json.loads(self._send("GET", "/openapi.json", None, None, {})[2])
        self.resolver = RefResolver.from_schema(self.document)
        self.well, self.badly = set(), set()

    def _send(self, verb, path, reader, body, headers):
        headers = dict(headers)
        if reader:
            token = Path(self.suite.token(*reader.split(":"))).read_text(encoding="utf-8").strip()
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            self.suite.http + path, data=body, headers=headers, method=verb
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read()

    def _found(self, part):
        return self.resolver.resolve(part["$ref"])[1] if "$ref" in part else part

    def explained(self, schema, value):
        """Every member of it is in the document, also where a schema leaves room for more."""
        problems = [
            f"{'/'.join(map(str, problem.absolute_path))}: {problem.message}"
            for problem in Draft202012Validator(schema, resolver=self.resolver).iter_errors(value)
        ]
        assert problems == []
        self._no_more_than(schema, value, "")

    def _no_more_than(self, schema, value, place):
        schema = self._found(schema)
        if isinstance(value, dict) and "properties" in schema:
            for name, inner in value.items():
                assert name in schema["properties"] or schema.get("additionalProperties"), (
                    f"{place}/{name} is not in the document"
                )
                self._no_more_than(schema["properties"].get(name, {}), inner, f"{place}/{name}")
        if isinstance(value, list):
            for inner in value:
                self._no_more_than(schema.get("items", {}), inner, f"{place}/0")

    def __call__(self, path, body, reader="", verb="POST", bad=False, headers=None):
        """The answer's JSON, or its text, held against the document."""
        operation = self.document["paths"][path.split("?")[0]][verb.lower()]
        sent, headers = None, {**(headers or {})}
        if isinstance(body, bytes):
            sent = body
            assert headers["Content-Type"] in operation["requestBody"]["content"]
        elif body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            if not bad:
                self.explained(schema, body)
        names = {one["name"] for one in map(self._found, operation.get("parameters", []))}
        for name in headers:
            assert name == "Content-Type" or name in names, f"{name} is no parameter of {path}"
        status, got, text = self._send(verb, path, reader, sent, headers)
        assert (status >= 400) == bad, f"{path}: {status} {text[:300]}"
        (self.badly if bad else self.well).add((verb, path.split("?")[0]))
        responses = operation["responses"]
        response = self._found(responses.get(str(status)) or responses["default"])
        if "content" not in response:
            return text
        media = got["Content-Type"].split(";")[0].strip()
        assert media in response["content"], f"{path}: {status} comes as {media}"
        for name in response.get("headers", {}):
            assert got[name], f"{path}: no {name}"
        schema = response["content"][media].get("schema")
        if not media.endswith("json"):
            return text
        value = json.loads(text)
        assert schema, f"{path}: {media} without a schema"
        self.explained(schema, value)
        return value


@pytest.fixture(scope="module")
def ask(tmp_path_factory, programs):
    folder = tmp_path_factory.mktemp("openapi")
    key = folder / "session.key"
    key.write_text("5" * 64)
    key.chmod(0o600)
    options = ("--exercise-identities", folder / "tokens", "--session-key", key)
    with Suite(folder, programs, *options) as suite:
        asked = Asked(suite)
        filed = asked(
            "/import/responses?exercise=1&file=response.csv",
            (ROOT / "deploy/examples/response.csv").read_bytes(),
            "focal_point:KEN",
            headers={"Content-Type": "text/csv"},
        )
        assert filed["summary"]["submitted"] == 1
        yield asked


def test_schemas_are_schemas(ask):
    schemas = ask.document["components"]["schemas"]
    assert len(schemas) > 20
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_checklist(ask):
    submit = {"key": {**KENYA, "round": 2025}, "answers": [ANSWER], "exercise": True}
    submit["sharing"] = {"audience": "AUDIENCE_PUBLIC"}
    reply = ask(INTAKE + "Submit", submit, "focal_point:KEN")
    assert reply["outcome"] == "OUTCOME_SUBMITTED"
    wrong = {**submit, "answers": [{**ANSWER, "provision": "9"}]}
    refused = ask(INTAKE + "Submit", wrong, "focal_point:KEN", bad=True)
    assert refused["details"], "which rule, and where"

    shared = {"state": "KEN", "provisions": ["uncac/46"], "choice": {"audience": "AUDIENCE_PUBLIC"}}
    assert ask(INTAKE + "SetSharing", shared, "focal_point:KEN")["changed"] > 0
    ask(INTAKE + "SetSharing", shared, "provider:EX1", bad=True)
    assert ask(INTAKE + "ListSharing", {"state": "KEN"}, "focal_point:KEN")["decisions"]
    ask(INTAKE + "ListSharing", {"state": "KEN"}, "focal_point:UGA", bad=True)

    got = ask(INTAKE + "GetResponse", {"key": KENYA}, "focal_point:KEN")
    assert got["response"]["answers"] and got["sharing"]
    ask(INTAKE + "GetResponse", {"key": {**KENYA, "round": 1999}}, "focal_point:KEN", bad=True)
    assert len(ask(INTAKE + "ListResponses", {}, "secretariat")["responses"]) == 2
    ask(INTAKE + "ListResponses", {"pageSize": -1}, "secretariat", bad=True)

    last = {"key": {**KENYA, "round": 2025}, "reason": "an exercise"}
    assert ask(INTAKE + "WithdrawResponse", last, "focal_point:KEN")["versionToken"]
    ask(INTAKE + "WithdrawResponse", last, "focal_point:KEN", bad=True)
    history = ask(INTAKE + "GetHistory", {"key": last["key"]}, "focal_point:KEN")
    assert [entry["action"] for entry in history["entries"]] == ["submitted", "withdrawn"]
    ask(INTAKE + "GetHistory", {"key": {"state": "KEN"}}, "provider:EX1", bad=True)

    old = {"key": {**KENYA, "round": 2007}, "submittedOn": "2007-11-30", "answers": [ANSWER]}
    ask(INTAKE + "Submit", {**old, "exercise": True}, "secretariat")
    void = {"key": old["key"], "reason": "a wrong import"}
    assert ask(INTAKE + "VoidResponse", void, "secretariat")["version"] == 1
    ask(INTAKE + "VoidResponse", void, "focal_point:KEN", bad=True)


def test_needs(ask):
    question = {"rows": "type", "columns": "chapter", "measure": "needs_stated", "language": "fr"}
    where = [{"dimension": "state", "values": ["KEN"]}]
    assert ask(MATRIX + "QueryMatrix", {**question, "where": where}, "provider:EX1")["matrix"]
    ask(MATRIX + "QueryMatrix", {**question, "rows": "rank"}, bad=True)
    listed = ask(MATRIX + "ListNeeds", {"where": where}, "secretariat")
    assert {need["provision"] for need in listed["needs"]} == {"uncac/9", "uncac/46"}
    ask(MATRIX + "ListNeeds", {"asOf": "yesterday"}, bad=True)
    history = {"need": "KEN:uncac/9:LEGAL_ADVICE"}
    assert ask(MATRIX + "GetNeedHistory", history, "provider:EX1")["entries"][0]["stated"]
    ask(MATRIX + "GetNeedHistory", {"need": "KEN"}, bad=True)
    assert ask(MATRIX + "CheckRebuild", {}, "operator")["equal"]
    ask(MATRIX + "CheckRebuild", {}, bad=True)
    ask(MATRIX + "MakeRelease", {"title": ""}, "secretariat", bad=True)
    assert ask(MATRIX + "ListReleases", {}) == {}
    ask(MATRIX + "ListReleases", {"pageSize": -1}, bad=True)
    ask(MATRIX + "GetRelease", {"number": 1}, bad=True)


def test_releases(ask):
    """Answers enough that something may be told of a group."""
    for state in "KEN UGA TZA GHA NGA BEN ZMB RWA SEN TGO MWI BWA".split():
        needed = [{"type": "LEGAL_ADVICE" if state < "N" else "MODEL_TREATY"}]
        request = {
            "key": {"state": state, "checklist": "uncac-2007", "round": 2024},
            "answers": [{**ANSWER, "needed": needed}],
            "sharing": {"audience": "AUDIENCE_RESTRICTED"},
            "exercise": True,
        }
        ask(INTAKE + "Submit", request, f"focal_point:{state}")
    made = ask(MATRIX + "MakeRelease", {"title": "First"}, "secretariat")
    assert made["tables"]
    assert ask(MATRIX + "GetRelease", {"language": "ar"})["number"] == made["number"]
    assert len(ask(MATRIX + "ListReleases", {})["releases"]) == 1


def test_operations(ask):
    state = ask(OPERATIONS + "GetServiceState", {"service": "needs_matrix"}, "operator")
    assert state["topics"]
    ask(OPERATIONS + "GetServiceState", {"service": "needs_matrix"}, "provider:EX1", bad=True)
    assert ask(OPERATIONS + "ListDeadLetters", {"service": "needs_matrix"}, "operator") == {}
    ask(OPERATIONS + "ListDeadLetters", {"service": "nobody"}, "operator", bad=True)
    letter = {"service": "needs_matrix", "id": "1"}
    ask(OPERATIONS + "ShowDeadLetter", letter, "operator", bad=True)
    ask(OPERATIONS + "ResendDeadLetter", {**letter, "reason": "none"}, "operator", bad=True)
    assert int(ask(OPERATIONS + "Republish", {"service": "needs_matrix"}, "operator")["events"]) > 0
    ask(OPERATIONS + "Republish", {"service": "needs_matrix"}, "secretariat", bad=True)
    assert ask(OPERATIONS + "Backup", {"name": "openapi"}, "operator")["files"]
    ask(OPERATIONS + "Backup", {"name": "../openapi"}, "operator", bad=True)


def test_together(ask):
    of_matrix = {"@type": "type.googleapis.com/uncac.needs.v1.QueryMatrixRequest", "rows": "type"}
    question = {"method": "uncac.needs.v1.NeedsMatrix/QueryMatrix", "request": of_matrix}
    wrong = {**question, "request": {**of_matrix, "rows": "rank"}}
    answers = ask("/uncac.gateway.v1.Gateway/Ask", {"questions": [question, wrong]})["answers"]
    assert "reply" in answers[0] and "error" in answers[1]
    ask("/uncac.gateway.v1.Gateway/Ask", {}, bad=True)


def test_files(ask):
    wrong = (ROOT / "deploy/examples/wrong.csv").read_bytes()
    csv = {"Content-Type": "text/csv"}
    path = "/import/responses?dry_run=1"
    refused = ask(path, wrong, "focal_point:KEN", headers=csv, bad=True)
    assert len(refused["problems"]) == 5
    for path in ("/export/matrix.csv", "/export/matrix.xlsx"):
        assert ask(f"{path}?rows=type&columns=chapter&state=KEN", None, verb="GET")
        assert ask(f"{path}?rows=rank", None, verb="GET", bad=True)["problems"]
    for path in ("/export/needs.csv", "/export/needs.jsonl"):
        assert b"KEN" in ask(f"{path}?state=KEN", None, "provider:EX1", verb="GET")
        ask(f"{path}?state=KENYA", None, verb="GET", bad=True)


def test_session(ask):
    assert ask("/session", None, verb="GET")["sign_in"] == "exercise"
    assert ask("/session/identities", None, verb="GET")["identities"]
    assert ask("/session", {"identity": "focal-point-KEN"})["state"] == "KEN"
    ask("/session", {"identity": "nobody"}, bad=True)
    # Without a cookie there is nothing to end; with one, the word of the session is asked for.
    ask("/session", None, verb="DELETE")
    assert ask("/healthz", None, verb="GET") is not None
    assert ask("/readyz", None, verb="GET") is not None
    assert ask("/openapi.json", None, verb="GET") is not None


def test_every_operation_was_asked(ask):
    """Runs last. Well and badly, but for what cannot be done in so small a world."""
    documented = {
        (verb.upper(), path) for path, item in ask.document["paths"].items() for verb in item
    }
    follow = ("GET", "/events/needs")  # an open stream; tests/integration/http_feed_test.cc
    # Nothing here gives a dead letter; tests/integration/dead_letter_test.cc has some.
    letters = {("POST", OPERATIONS + "ShowDeadLetter"), ("POST", OPERATIONS + "ResendDeadLetter")}
    # What asks nothing refuses nobody.
    open_to_all = {
        ("GET", path)
        for path in ("/session", "/session/identities", "/healthz", "/readyz", "/openapi.json")
    }
    assert documented - ask.well == letters | {follow}
    assert documented - ask.badly == open_to_all | {("DELETE", "/session"), follow}
