"""From a Kafka record to a change of the copy: CloudEvents in binary mode, a Need as value."""

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from google.protobuf.message import DecodeError

from needs_copy import Change
from uncac.common.v1.common_pb2 import Audience
from uncac.needs.v1.needs_pb2 import Need

TYPE = "uncac.needs.v1.Need"


class NotOurs(Exception):
    """A record that does not follow proto/asyncapi.yaml."""


class AsBytes(JSONFormat):
    """Leaves the value as it is: it is a protobuf message, or nothing."""

    def read_data(self, body, datacontenttype):
        return body


def change_of(message) -> Change:
    """Of a confluent_kafka.Message without an error."""
    headers = message.headers() or []
    by_name = dict(headers)
    if len(by_name) != len(headers):
        raise NotOurs("a header is there twice")
    try:
        event = from_binary(KafkaMessage(by_name, message.key(), message.value()), AsBytes())
        key = message.key().decode()
        revision = by_name["revision"].decode()
        epoch, counter = (int(number) for number in revision.split("."))
    except (CloudEventValidationError, AttributeError, KeyError, ValueError) as problem:
        raise NotOurs(str(problem)) from problem
    if event.get_type() != TYPE or event.get_id() != f"{key}@{revision}":
        raise NotOurs(f"{event.get_type()} {event.get_id()}")
    if event.get_data() is None:
        return Change(key, epoch, counter, None)
    try:
        need = Need.FromString(event.get_data())
    except DecodeError as problem:
        raise NotOurs(str(problem)) from problem
    return Change(
        key,
        epoch,
        counter,
        {
            "state": need.state,
            "provision": need.provision,
            "type": need.type,
            "state_priority": need.state_priority,
            "audience": Audience.Name(need.audience).removeprefix("AUDIENCE_"),
            "stated_on": need.stated_on,
        },
    )
