"""proto/asyncapi.yaml against what it speaks of: the topics' settings, the golden records (which a unit
test makes with the real services), the messages of proto/ and a few constants of the code. That it is
AsyncAPI at all is the parser's to say: `scripts/test --all` asks it."""

import csv
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((ROOT / "proto/asyncapi.yaml").read_text())
DAY_MS = 24 * 60 * 60 * 1000


def at(reference):
    found = DOCUMENT
    for word in reference.removeprefix("#/").split("/"):
        found = found[word]
    return found


def resolved(value):
    return at(value["$ref"]) if "$ref" in value else value


def headers_of(message):
    """The properties and the required names of a message's headers; later parts add to earlier ones."""
    properties, required, others = {}, set(), False
    for part in map(resolved, message["headers"]["allOf"]):
        required.update(part.get("required", []))
        others = others or "additionalProperties" in part
        for name, schema in part["properties"].items():
            properties.setdefault(name, {}).update(schema)
    return properties, required, others


def topics_of(channel):
    names = [channel["address"]]
    for parameter, schema in channel.get("parameters", {}).items():
        names = [n.replace("{%s}" % parameter, v) for n in names for v in schema["enum"]]
    return names


CHANNELS = {topic: c for c in DOCUMENT["channels"].values() for topic in topics_of(c)}


class Golden:
    def __init__(self, file):
        self.name = file.name
        self.headers, self.tombstone = [], False
        for line in file.read_text().splitlines():
            word, _, rest = line.partition(" ")
            if word == "header":
                name, _, value = rest.partition(" ")
                self.headers.append((name, value))
            elif word in ("topic", "key"):
                setattr(self, word, rest)
            elif word == "tombstone":
                self.tombstone = True

    def messages(self):
        """Those of its channel that it may be: of its type, with a value or without."""
        headers = dict(self.headers)
        for message in map(resolved, CHANNELS[self.topic]["messages"].values()):
            properties, _, _ = headers_of(message)
            type_of = properties["ce_type"].get("const", headers["ce_type"])
            is_tombstone = message["payload"].get("type") == "null"
            if type_of == headers["ce_type"] and is_tombstone == self.tombstone:
                yield message


GOLDEN = [Golden(file) for file in sorted((ROOT / "tests/golden").glob("*.record"))]


def settings_of_topics():
    text = (ROOT / "deploy/kafka/topics.csv").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {row.pop("name"): row for row in csv.DictReader(lines)}


def constant(file, pattern):
    (found,) = re.findall(pattern, (ROOT / file).read_text())
    return found


def test_the_topics_are_those_that_are_made():
    assert sorted(CHANNELS) == sorted(settings_of_topics())


@pytest.mark.parametrize("topic", sorted(CHANNELS))
def test_settings_are_those_that_the_topic_gets(topic):
    binding = resolved(CHANNELS[topic]["bindings"])["kafka"]
    said = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in binding["topicConfiguration"].items()
    }
    assert said == {name: value for name, value in settings_of_topics()[topic].items() if value}
    partitions = constant("services/platform/events/event.h", r"kPartitions = (\d+);")
    assert binding["partitions"] == int(partitions)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_each_golden_record_is_one_of_its_channels_messages(golden):
    (message,) = golden.messages()
    properties, required, others = headers_of(message)
    headers = dict(golden.headers)
    assert len(headers) == len(golden.headers)
    assert required <= set(headers)
    assert others or set(headers) <= set(properties)
    for name, value in headers.items():
        schema = properties.get(name, {})
        assert value == schema.get("const", value), name
        assert re.search(schema.get("pattern", ""), value), name
    assert message.get("contentType") == (headers.get("content-type") if not others else None)
    binding = resolved(message["bindings"])["kafka"] if "bindings" in message else {"key": {}}
    assert re.search(binding["key"].get("pattern", ""), golden.key)
    assert headers["ce_id"] == f"{golden.key}@{headers['revision']}"


def test_each_message_has_a_golden_record():
    known = [id(message) for golden in GOLDEN for message in golden.messages()]
    for name, message in DOCUMENT["components"]["messages"].items():
        assert id(message) in known, name


def test_examples_are_golden_records():
    examples = [e for m in DOCUMENT["components"]["messages"].values() for e in m.get("examples", [])]
    assert examples
    for example in examples:
        golden = Golden(ROOT / example["name"])
        assert list(example["headers"].items()) == golden.headers


def test_values_are_messages_of_proto():
    seen = set()
    for name, message in DOCUMENT["components"]["messages"].items():
        if "schema" not in message["payload"]:
            continue
        file, full = re.search(
            r'import "(.+)";  // one message (\S+)$', message["payload"]["schema"], re.M
        ).groups()
        package, _, short = full.rpartition(".")
        text = (ROOT / "proto" / file).read_text()
        assert f"package {package};" in text
        assert re.search(rf"^message {short} {{", text, re.M), full
        properties, _, _ = headers_of(message)
        assert properties["ce_type"]["const"] == full, name
        seen.add(full)
    code = (ROOT / "services/needs_matrix/translate.h").read_text()
    assert seen == set(re.findall(r'k\w+Type = "(uncac\.\w+\.v1\.\w+)"', code))


def test_the_prose_says_the_figures_that_hold():
    said = " ".join(DOCUMENT["info"]["description"].split())
    topics = settings_of_topics()
    public, restricted = topics["uncac.needs.public.v1"], topics["uncac.needs.restricted.v1"]
    hours = int(public["max.compaction.lag.ms"]) * 24 // DAY_MS
    assert f"compacted at most {hours} hours after a segment is closed" in said
    assert f"when it is older than {int(public['segment.ms']) * 24 // DAY_MS} hour" in said
    assert f"Tombstones live {int(public['delete.retention.ms']) // DAY_MS} days" in said
    kept = int(restricted["min.compaction.lag.ms"]) // DAY_MS
    assert f"keeps every record of the last {kept} days" in said
    window = constant("services/needs_matrix/position_token.h", r"days kFeedWindow\{(\d+)\}")
    assert f"at the log's end more than {window} days ago" in said
    example = (ROOT / "deploy/examples/subscriber/needs_copy.py").read_text()
    assert f"LONGEST_AWAY = timedelta(days={window})" in example


def test_users_prove_who_they_are_as_the_broker_asks():
    (mechanism,) = re.findall(
        r"^sasl\.enabled\.mechanisms=(.*)$",
        (ROOT / "deploy/kafka/server.properties").read_text(),
        re.MULTILINE,
    )
    types = {"PLAIN": "plain", "SCRAM-SHA-256": "scramSha256", "SCRAM-SHA-512": "scramSha512"}
    said = {scheme["type"] for scheme in DOCUMENT["components"]["securitySchemes"].values()}
    assert said == {types[mechanism]}


def test_every_channel_has_an_operation():
    used = [operation["channel"]["$ref"].rpartition("/")[2] for operation in DOCUMENT["operations"].values()]
    assert sorted(used) == sorted(DOCUMENT["channels"])
