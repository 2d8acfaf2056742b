#!/usr/bin/env python3
"""What the alarms must have done, from the generator's own records alone; nothing of Sightglass is imported or read but its journal.

    oracle.py LOGS JOURNAL STATE    LOGS: folder of the generator; JOURNAL: what `sightglass-agent journal --json` printed;
                                    STATE: the state folder, whose readings are read as models/state/FORMAT.md says

For Kafka and PostgreSQL each key's records decide every transition: none may be missing, doubled or different. For MQTT a record
whose arrival may lie in a declared gap (GAP) may be lost; every other one counts, so the journal must be what the rules make of
some choice among the former. The same holds for the readings that are stored: each once, but for what a gap may have taken. Prints what is wrong, with the first difference of each key, and exits with 1.
"""
import collections
import csv
import datetime
import json
import math
import pathlib
import sqlite3
import struct
import sys

import chunks
import timed

# The rules of the test's workspace, in words of our own: level name, limit, deadband; rising severity. `keys`: how those that it watches
# begin; delays and windows in ms.
Rule = collections.namedtuple("Rule", "name source side levels keys on_ms off_ms over_ms latch", defaults=("", 0, 0, 0, None))
HIGH = [("high", 70.0, 4.0)]
RULES = [
    Rule("kafka-high", "kafka", "upper", [("high", 70.0, 4.0), ("high_high", 84.0, 4.0)]),
    Rule("mqtt-high", "mqtt", "upper", [("high", 70.0, 4.0)]),
    Rule("postgres-low", "postgres", "lower", [("low", 30.0, 4.0)]),
    Rule("timed-delayed", "timed", "upper", HIGH, keys="pulse", on_ms=1500, off_ms=1000),
    Rule("timed-latched", "timed", "upper", HIGH, keys="pulse", latch="until_ack"),
    Rule("timed-trip", "timed", "upper", HIGH, keys="trip", latch="until_reset"),
    Rule("timed-shelf", "timed", "upper", HIGH, keys="shelf"),
    Rule("timed-window", "timed", "upper", [("high", 60.0, 4.0)], keys="wave", over_ms=2000),
]
MEANS = {rule.name for rule in RULES if rule.over_ms}
SOURCES = list(dict.fromkeys(rule.source for rule in RULES))
FIELD = "v"

TRANSITIONS = {"RAISED", "ESCALATED", "LOWERED", "CLEARED"}
OTHERS = {"ACKNOWLEDGED", "SUPERSEDED"}  # follow from what an operator did, and when
OPERATED = {"ACKNOWLEDGED", "RESET", "SHELVED", "SHELF_OVER"}
# What a rule of a source with lateness may say of records that came later still, or of an empty window.
LATE = {"QUALITY", "AMENDED", "LATE_CLOSED"}

# How long a record that its broker has acknowledged may be on its way to a connected agent on a busy machine.
SLACK_US = 100_000

Record = collections.namedtuple("Record", "stamp value handed acked place")
Transition = collections.namedtuple("Transition", "event stamp value limit level")


def microseconds(text):
    """ISO 8601 in UTC to microseconds since 1970, exactly."""
    date, _, fraction = text.rstrip("Z").partition(".")
    whole = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.timezone.utc)
    return int(whole.timestamp()) * 1_000_000 + int((fraction + "000000")[:6])


def read_log(path):
    """key -> its records, in order."""
    keys = collections.defaultdict(list)
    with open(path, newline="") as file:
        for key, stamp, value, handed, acked, partition, offset in csv.reader(file):
            keys[key].append(Record(int(stamp), float(value), int(handed), int(acked), (int(partition), int(offset))))
    for key, records in keys.items():
        if any(a.stamp >= b.stamp for a, b in zip(records, records[1:])):
            raise SystemExit(f"oracle: the generator's stamps of {path.stem}/{key} do not rise")
    return keys


def read_journal(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def read_readings(folder):
    """path -> Counter of (microseconds, value): of all chunks, and of the segments what is in no chunk."""
    connection = sqlite3.connect(f"file:{folder}/state.db?mode=ro", uri=True)
    try:
        paths = dict(connection.execute("SELECT id, path FROM series"))
        segments = connection.execute("SELECT id, data FROM segment ORDER BY id").fetchall()
        sealed, held = [], []
        if connection.execute("PRAGMA user_version").fetchone()[0] > 1:
            sealed = connection.execute("SELECT series, t_last, up_to, data FROM chunk JOIN chunkdata USING (place)").fetchall()
            held = connection.execute("SELECT series, t, bits FROM held").fetchall()
    finally:
        connection.close()
    readings = collections.defaultdict(collections.Counter)
    ends = {}

    def add(series, time, value):
        if not math.isnan(value):  # the mark of a gap
            readings[paths[series]][time, value] += 1

    for series, last, up_to, data in sealed:
        end = ends.get(series, (last, up_to))
        ends[series] = (max(end[0], last), max(end[1], up_to))
        for time, value in chunks.rows(data):
            add(series, time, value)
    for number, data in segments:
        for series, time, value in segment_rows(data):
            end = ends.get(series)
            if end is None or time > end[0]:
                add(series, time, value)
            elif number > end[1] and not readings[paths[series]][time, value]:  # late, and a chunk may hold it or not
                add(series, time, value)
    for series, time, bits in held:
        (value,) = struct.unpack("<d", struct.pack("<q", bits))
        if not readings[paths[series]][time, value]:
            add(series, time, value)
    return readings


def segment_rows(data):
    if data[:4] != b"SGS1":
        raise SystemExit("oracle: a segment of another format")
    (count,) = struct.unpack_from("<I", data, 8)
    words, series, time = chunks.Bytes(data, 12), 0, 0
    for _ in range(count):
        first = words.varint()
        series += chunks.unzigzag(first >> 2)
        if first & 3 == 3:
            words.byte()  # its quality; it arrived late
        time = chunks.signed(time + chunks.unzigzag(words.varint()))
        (value,) = struct.unpack_from("<d", data, words.at)
        words.at += 8
        yield series, time, value


def wrong_readings(path, records, stored, gaps, figures):
    """What is wrong with the stored readings of one series."""
    lost = [r for r in records if (r.stamp * 1000, r.value) not in stored]
    figures[f"{path.split('/')[0]} readings lost"] += len(lost)
    unexcused = [r for r in lost if not gaps.may_lose(r)]
    figures["lost"] += len(unexcused)
    sent = {(r.stamp * 1000, r.value) for r in records}
    wrong = []
    if unexcused:
        wrong.append(f"{path}: {len(unexcused)} readings lost, the first {unexcused[0]}")
    if strangers := stored.keys() - sent:
        wrong.append(f"{path}: {len(strangers)} readings that nobody sent, the first {min(strangers)}")
    # The broker sends again what it did not see confirmed, so only MQTT may bring a reading twice.
    doubled = [reading for reading, count in stored.items() if count > 1]
    if path.startswith("mqtt/"):
        figures["mqtt readings stored twice"] += len(doubled)
    elif doubled:
        figures["doubled"] += sum(stored[reading] - 1 for reading in doubled)
        wrong.append(f"{path}: {len(doubled)} readings stored twice, the first {min(doubled)}")
    return wrong


def levels_held(rule, held, value):
    """Which levels hold after this value; a level inside its deadband stays as it was."""
    out = []
    for (_, limit, deadband), was in zip(rule.levels, held):
        if rule.side == "upper":
            out.append(value > limit or (was and value >= limit - deadband))
        else:
            out.append(value < limit or (was and value <= limit + deadband))
    return tuple(out)


def step(rule, held, record):
    """(what holds now, the transition or None)."""
    now = levels_held(rule, held, record.value)
    before = max((i for i, h in enumerate(held) if h), default=-1)
    after = max((i for i, h in enumerate(now) if h), default=-1)
    if before == after:
        return now, None
    if before < 0:
        event = "RAISED"
    elif after < 0:
        event = "CLEARED"
    else:
        event = "ESCALATED" if after > before else "LOWERED"
    level, limit, _ = rule.levels[after if after >= 0 else before]
    return now, Transition(event, record.stamp, record.value, limit, level)


def expected(rule, records):
    held, out = (False,) * len(rule.levels), []
    for record in records:
        held, transition = step(rule, held, record)
        if transition:
            out.append(transition)
    return out


def seen(rows, rule, key):
    """The journal's transitions of one alarm, in the order of the journal."""
    out = []
    for row in rows:
        if row.get("rule") == rule.name and row.get("key") == f"{rule.source}/{key}" and row["event"] in TRANSITIONS:
            stamp = microseconds(row["t_stamp"]) / 1000 if "t_stamp" in row else None
            out.append(Transition(row["event"], stamp, row.get("value"), row.get("limit"), row.get("level")))
    return out


def is_same(a, b):
    """A mean is summed up in another order than ours."""
    return a == b or (a and b and a._replace(value=None) == b._replace(value=None) and math.isclose(a.value, b.value, rel_tol=1e-9))


def difference(rule, key, should, has):
    for i in range(max(len(should), len(has))):
        a = should[i] if i < len(should) else None
        b = has[i] if i < len(has) else None
        if not is_same(a, b):
            return (f"{rule.name} {key}: transition {i + 1} of {len(should)} expected, {len(has)} journaled\n"
                    f"    expected {a}\n    journal  {b}\n    journal before it {has[max(0, i - 2):i]}, after it {has[i + 1:i + 3]}")
    return None


class Gaps:
    """The declared gaps of a source, and when its connection was away: both by arrival, on the machine's clock."""

    def __init__(self, rows, source):
        self.gaps = [(microseconds(r["t_stamp"]) if "t_stamp" in r else 0, microseconds(r["t_event"]))
                     for r in rows if r["event"] == "GAP" and r.get("source") == source]
        self.away = []
        since = None
        for row in rows:
            if row["event"] == "STARTED":
                since = microseconds(row["t_stamp"]) if "t_stamp" in row else 0
            elif row.get("source") == source and row["event"] == "SOURCE_LOST":
                since = microseconds(row["t_event"])
            elif row.get("source") == source and row["event"] == "SOURCE_LIVE" and since is not None:
                self.away.append((since - SLACK_US, microseconds(row["t_event"])))
                since = None

    def may_lose(self, record):
        """Whether the record may have arrived inside a gap. The broker keeps for a client that is away what it acknowledged meanwhile."""
        first, last = record.handed, record.acked
        for begin, end in self.away:
            if begin <= record.acked <= end:
                last = max(last, end)
        last += SLACK_US
        return any(begin <= last and first <= end for begin, end in self.gaps)


def explain(rule, key, records, has, gaps):
    """Whether losing some of the records that may be lost makes the journal's transitions. (what is wrong or None, exactly determined ones)"""
    states = {((False,) * len(rule.levels), 0)}
    for record in records:
        is_optional = gaps.may_lose(record)
        after = set(states) if is_optional else set()
        for held, index in states:
            now, transition = step(rule, held, record)
            if transition is None:
                after.add((now, index))
            elif index < len(has) and has[index] == transition:
                after.add((now, index + 1))
        if not after:
            at = max(index for _, index in states)
            wanted = sorted({str(step(rule, held, record)[1]) for held, index in states if index == at})
            return (f"{rule.name} {key}: no choice of records lost in the declared gaps explains the journal from transition {at + 1} on\n"
                    f"    record    {record}\n    expected  {' or '.join(wanted)}\n    journal   {has[at:at + 3]}, before it {has[max(0, at - 2):at]}")
        states = after
    if not any(index == len(has) for _, index in states):
        at = max(index for _, index in states)
        return f"{rule.name} {key}: the journal has transitions that no record makes: {has[at:at + 3]}"
    return None


def chains(rows):
    """Each record begins in the state where the one before it ended; so what was acknowledged stays acknowledged."""
    state, wrong = {}, []
    for row in rows:
        if row["event"] not in TRANSITIONS | OPERATED:
            continue
        alarm = (row.get("rule"), row.get("key"), row.get("field"))
        if row["from"] != state.get(alarm, "Normal"):
            wrong.append(f"{alarm}: record {row['seq']} {row['event']} goes from {row['from']} to {row['to']}, but the one before ended in "
                         f"{state.get(alarm, 'Normal')}")
        state[alarm] = row["to"]
    return wrong


def compared(rows, source, acknowledged, aside):
    """(rule, key) -> its records in the columns that must not depend on kills (alarms.md). Where an operator acted meanwhile, the states
    depend on the instant, so they are compared for what was never acknowledged and for what was and then stayed as it was."""
    out = collections.defaultdict(list)
    begun, across = {}, set()  # occurrence -> stamp; those that lasted into a time that is set aside: which one goes on behind it is open
    for row in rows:
        if not row.get("key", "").startswith(source + "/") or row["event"] not in TRANSITIONS | {"ACKNOWLEDGED", "RESET"}:
            continue
        alarm, occurrence = (row["rule"], row["key"]), row.get("occurrence")
        if row["event"] in TRANSITIONS and "t_stamp" in row:
            stamp = microseconds(row["t_stamp"]) / 1000
            since = min(stamp, begun.setdefault(occurrence, stamp))
            if any(since <= one.end and one.begin <= stamp for one in aside.get(alarm, [])):
                across.add(occurrence)
        if occurrence in across:
            continue
        is_operators = row["event"] in ("ACKNOWLEDGED", "RESET")
        is_same_instant = alarm not in acknowledged or row["key"].endswith("/steady") or "/trip" in row["key"]
        if is_operators and not is_same_instant:
            continue
        is_same_instant = is_same_instant and len(aside.get(alarm, [])) < 2  # more than the end
        columns = ["field", "occurrence", "event", "t_stamp", "value", "limit", "level", "quality"] + ["from", "to"] * is_same_instant
        if row["rule"] in MEANS:  # summed up in another order after a restart; the oracle compares it
            columns.remove("value")
        if is_operators:  # of the same occurrence; its stamp is when it was pressed
            columns = ["field", "occurrence", "event"] + ["from", "to"] * is_same_instant
        out[alarm].append(tuple((name, row.get(name)) for name in columns))
    return out


def other_than_reference(source, rows, state, reference_rows, reference_state, acknowledged, aside, figures):
    """What differs from an evaluator that nobody killed: journal and stored readings of one source."""
    wrong = []
    has, should = compared(rows, source, acknowledged, aside), compared(reference_rows, source, acknowledged, aside)
    for alarm in sorted(has.keys() | should.keys()):
        figures[f"{source} records equal to the reference"] += len(should[alarm])
        if has[alarm] != should[alarm]:
            at = next((i for i, (a, b) in enumerate(zip(has[alarm], should[alarm])) if a != b), min(len(has[alarm]), len(should[alarm])))
            wrong.append(f"{alarm}: record {at + 1} differs from the reference's\n    reference {should[alarm][at:at + 2]}\n"
                         f"    killed    {has[alarm][at:at + 2]}")
    readings, reference = read_readings(state), read_readings(reference_state)
    for path in sorted(readings.keys() | reference.keys()):
        if not path.startswith(source + "/"):
            continue
        figures[f"{source} readings equal to the reference"] += sum(reference[path].values())
        if readings[path] != reference[path]:
            wrong.append(f"{path}: {len(reference[path] - readings[path])} readings of the reference are missing, "
                         f"{len(readings[path] - reference[path])} are too many")
    return wrong


def read_logs(logs):
    """source -> key -> its records."""
    return {source: read_log(pathlib.Path(logs) / f"{source}.csv") for source in SOURCES}


def watched(rule, log):
    return {key: records for key, records in sorted(log.items()) if key.startswith(rule.keys)}


def set_aside(logs):
    """(rule, key) -> the times in which journals of a source with lateness may differ."""
    return {(rule.name, f"{rule.source}/{key}"): timed.set_aside(rule, records)
            for rule in RULES if rule.source == "timed" for key, records in watched(rule, logs["timed"]).items()}


def check_timed(rule, key, records, has, aside, figures):
    """What is wrong with the transitions of one alarm of the source with lateness."""
    _, limit, _ = rule.levels[0]
    should = [Transition(event, t, value, limit, "high") for event, t, value in timed.expected(rule, records)]
    should, found = ([t for t in some if not timed.is_inside(t.stamp, aside)] for some in (should, has))
    figures[f"{rule.name} transitions compared"] += len(should)
    figures[f"{rule.name} transitions set aside"] += len(has) - len(found)
    fault = difference(rule, key, should, found)
    if not fault:
        return []
    count = [collections.Counter((t.event, t.stamp) for t in some) for some in (should, found)]
    figures["lost"] += sum((count[0] - count[1]).values())
    figures["doubled"] += sum((count[1] - count[0]).values())
    return [fault]


def check(logs, rows, state):
    """(what is wrong, figures)."""
    wrong, figures = [], collections.Counter()
    readings = read_readings(state)
    logs = read_logs(logs)
    aside = set_aside(logs)
    for number, row in enumerate(rows, 1):
        if row["seq"] != number:
            wrong.append(f"journal: record {number} has seq {row['seq']}")
            break
        known = TRANSITIONS | OTHERS | OPERATED
        alarm = (row.get("rule"), row.get("key"))
        is_late = row["event"] in LATE and timed.is_inside(microseconds(row["t_stamp"]) / 1000, aside.get(alarm, []))
        if "rule" in row and row["event"] not in known and row["event"] != "WATCHES_NOTHING" and not is_late:
            wrong.append(f"journal: nothing explains {row}")
        if "rule" in row and row["event"] in known and row.get("field") != FIELD:
            wrong.append(f"journal: a transition of another field: {row}")
    for row in rows:
        if row["event"] == "GAP" and row.get("source") != "mqtt":
            wrong.append(f"a gap of {row.get('source')}, which loses nothing: {row}")
    for source in SOURCES:
        gaps = Gaps(rows, source)
        figures[f"{source} gaps"] = len(gaps.gaps)
        for key, records in sorted(logs[source].items()):
            path = f"{source}/{key}/{FIELD}"
            figures[f"{source} records"] += len(records)
            wrong += wrong_readings(path, records, readings[path], gaps, figures)
    for rule in RULES:
        log = watched(rule, logs[rule.source])
        gaps = Gaps(rows, rule.source)
        for key, records in log.items():
            has = seen(rows, rule, key)
            figures[f"{rule.source} transitions"] += len(has)
            if rule.source == "timed":
                wrong += check_timed(rule, key, records, has, aside[rule.name, f"timed/{key}"], figures)
                continue
            should = expected(rule, records)
            fault = difference(rule, key, should, has)
            if fault and rule.source == "mqtt":
                fault = explain(rule, key, records, has, gaps)
                figures["mqtt keys that lost a transition in a gap"] += not fault
            if fault:
                wrong.append(fault)
                figures["lost"] += sum((collections.Counter(should) - collections.Counter(has)).values())
                figures["doubled"] += sum((collections.Counter(has) - collections.Counter(should)).values())
            if rule.source == "mqtt":
                sure = {r.stamp for r in records if not gaps.may_lose(r)}
                figures["mqtt transitions at records that no gap may have taken"] += sum(t.stamp in sure for t in has)
        strangers = {r["key"] for r in rows if r.get("rule") == rule.name} - {f"{rule.source}/{key}" for key in log}
        if strangers:
            wrong.append(f"{rule.name}: alarms of things that were never measured: {sorted(strangers)}")
    return wrong + chains(rows), figures


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    wrong, figures = check(sys.argv[1], read_journal(sys.argv[2]), sys.argv[3])
    for name, count in figures.items():
        print(f"{name}: {count}")
    for text in wrong:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
