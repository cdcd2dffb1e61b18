#!/usr/bin/env python3
"""Follows a needs topic and keeps an own table of the needs that stand. README.md beside this file
says how to start it; proto/asyncapi.yaml says what it relies on."""

import argparse
import csv
import os
import signal
import sys
import time

from needs_copy import COLUMNS, NeedsCopy, Place

# How often the log is asked for its end: until then what is read of it is known to be whole.
ASK_EVERY = 60.0
ANSWER_WITHIN = 30.0  # seconds


def say(text: str) -> None:
    print(f"subscriber: {text}", file=sys.stderr, flush=True)


def settings_in(file: str) -> dict[str, str]:
    """Settings of librdkafka, `name=value` a line; what kcat -F takes."""
    settings = {}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if line and not line.startswith("#"):
                name, _, value = line.partition("=")
                settings[name.strip()] = value.strip()
    return settings


class Follower:
    """Reads every partition of one topic into one copy. Used by one thread, but for end()."""

    def __init__(self, settings: dict[str, str], topic: str, copy: NeedsCopy, batch: int):
        # Here, so that a copy can be listed where none of this is installed.
        import confluent_kafka
        from confluent_kafka.admin import AdminClient

        from records import NotOurs, change_of

        self._kafka = confluent_kafka
        self.failure = confluent_kafka.KafkaException  # what run() may raise
        self._not_ours, self._change_of = NotOurs, change_of
        self._topic = topic
        self._copy = copy
        self._batch = batch
        self._ending = False
        self._lost = None  # why the place that was read at is of no use any more
        self._assigned = False
        self._admin = AdminClient(settings)
        self._consumer = confluent_kafka.Consumer(
            {
                **settings,
                # The positions lie in the copy and this process reads every partition, so the group
                # does nothing; but brokers with access rules look at its name.
                "group.id": settings.get("group.id", settings.get("sasl.username", "none")),
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "enable.partition.eof": "true",
                # A position that the log no longer has must not silently become its end.
                "auto.offset.reset": "error",
            }
        )

    def end(self, *_) -> None:
        self._ending = True

    def close(self) -> None:
        self._consumer.close()

    def run(self, until_caught_up: bool) -> None:
        target = self._ask()
        ask_at = time.monotonic() + ASK_EVERY
        while not self._ending:
            if self._lost is not None or time.monotonic() >= ask_at:
                ask_at = time.monotonic() + ASK_EVERY
                try:
                    target = self._ask()
                except self.failure as failure:
                    say(f"no answer: {failure}")
            if self._step():
                target = None  # what comes again lies behind the end that was asked for
            if target is not None and self._reached(target):
                self._copy.at_end()
                target = None
                if until_caught_up:
                    return

    def _ask(self) -> dict[int, int]:
        """The end of each partition now. Starts over when the copy is not of this log, or lost its
        place in it."""
        log, partitions = self._find_log()
        bounds = {p: self._bounds_of(p) for p in partitions}
        why = self._lost or self._copy.why_not_usable(log) or self._outside(bounds)
        if why is not None:
            say(f"starting over: {why}")
            self._copy.start_over(log)
            self._lost = None
            self._assigned = False
        if not self._assigned:
            places = self._copy.places()
            self._consumer.assign(
                [self._start_in(p, places.get(p, Place(bounds[p][0]))) for p in partitions]
            )
            self._assigned = True
        return {p: high for p, (_, high) in bounds.items()}

    def _find_log(self) -> tuple[str, list[int]]:
        """The log's id and its partitions. A cluster or a topic that was made anew has the name of
        the one before, and another id."""
        cluster = self._consumer.list_topics(self._topic, timeout=ANSWER_WITHIN).cluster_id
        described = self._admin.describe_topics(
            self._kafka.TopicCollection([self._topic]), request_timeout=ANSWER_WITHIN
        )
        topic = described[self._topic].result()
        return f"{cluster}/{topic.topic_id}", [partition.id for partition in topic.partitions]

    def _bounds_of(self, partition: int) -> tuple[int, int]:
        """The oldest offset kept, and the one after the newest."""
        bounds = self._consumer.get_watermark_offsets(
            self._kafka.TopicPartition(self._topic, partition), timeout=ANSWER_WITHIN
        )
        if bounds is None:
            raise self.failure(f"partition {partition} does not answer")
        return bounds

    def _outside(self, bounds: dict[int, tuple[int, int]]) -> str | None:
        for partition, place in self._copy.places().items():
            low, high = bounds.get(partition, (0, 0))
            if not low <= place.next_offset <= high:
                return f"the log has no offset {place.next_offset} in partition {partition}"
        return None

    def _start_in(self, partition: int, place: Place):
        # With it the client finds out that the log was cut and written anew beyond this offset.
        leader = {} if place.leader_epoch is None else {"leader_epoch": place.leader_epoch}
        return self._kafka.TopicPartition(self._topic, partition, place.next_offset, **leader)

    def _step(self) -> bool:
        """What has come meanwhile, into the copy. Whether a new epoch began with it."""
        changes = []
        places = {}
        known = self._copy.places()
        for message in self._consumer.consume(self._batch, 0.1):
            partition = message.partition()
            error = message.error()
            if error is None:
                places[partition] = Place(message.offset() + 1, message.leader_epoch())
                try:
                    changes.append(self._change_of(message))
                except self._not_ours as problem:
                    say(f"left out {partition}:{message.offset()}: {problem}")
            elif error.code() == self._kafka.KafkaError._PARTITION_EOF:
                # Compaction leaves gaps, at the end too: nothing else tells that they are passed.
                before = places.get(partition) or known.get(partition)
                if before is None or before.next_offset < message.offset():
                    leader = before.leader_epoch if before is not None else None
                    places[partition] = Place(message.offset(), leader)
            elif error.code() in (
                self._kafka.KafkaError._AUTO_OFFSET_RESET,
                self._kafka.KafkaError._LOG_TRUNCATION,
            ):
                self._lost = str(error)
                return False  # what came with it is read again
            elif error.fatal():
                raise self.failure(error)
            else:
                say(str(error))  # the client recovers by itself
        return bool(changes or places) and self._copy.apply(changes, places)

    def _reached(self, target: dict[int, int]) -> bool:
        places = self._copy.places()
        return all(p in places and places[p].next_offset >= end for p, end in target.items())


def follow(options: argparse.Namespace) -> None:
    copy = NeedsCopy(options.copy)
    follower = Follower(settings_in(options.config), options.topic, copy, options.batch)
    signal.signal(signal.SIGTERM, follower.end)
    signal.signal(signal.SIGINT, follower.end)
    try:
        follower.run(options.until_caught_up)
    except follower.failure as failure:
        sys.exit(f"subscriber: {failure}")
    finally:
        follower.close()
    places = sorted(copy.places().items())
    position = " ".join(f"{partition}:{place.next_offset}" for partition, place in places)
    print(f"{options.topic}: {len(copy.needs())} needs at {position}")


def list_needs(options: argparse.Namespace) -> None:
    if not os.path.exists(options.copy):
        sys.exit(f"subscriber: there is no {options.copy}")
    copy = NeedsCopy(options.copy)
    if not copy.whole():
        say("the copy is not whole yet: its first reading has not come to the log's end")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(copy.needs())


def main() -> None:
    parser = argparse.ArgumentParser(description="An own table of the needs, from a Kafka topic.")
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("follow", help="read the topic until told to end")
    verb.add_argument("--config", required=True, help="settings of librdkafka, name=value a line")
    verb.add_argument("--topic", default="uncac.needs.public.v1")
    verb.add_argument("--copy", required=True, help="the SQLite file")
    verb.add_argument("--until-caught-up", action="store_true", help="end at the log's end")
    verb.add_argument("--batch", type=int, default=500, help="records in a transaction")
    verb.set_defaults(run=follow)
    verb = verbs.add_parser("list", help="the needs that stand, as CSV")
    verb.add_argument("--copy", required=True, help="the SQLite file")
    verb.set_defaults(run=list_needs)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
