#!/usr/bin/env python3
"""Real servers that restart, an agent that is killed again and again, and at the end every alarm and every stored reading compared with an
oracle, and with an agent beside it that nobody killed.

Prints its seed; SIGHTGLASS_SEED=N repeats a run's schedule. SIGHTGLASS_CRASH_KILLS=N kills so often that N kills count (20).
SIGHTGLASS_KEEP=DIR keeps workspace, states, journals and the generator's records.
"""
import argparse
import bisect
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # the source tree stays as it is
import oracle  # noqa: E402
import timed  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FEED_S = 60  # at least
KILLS = int(os.environ.get("SIGHTGLASS_CRASH_KILLS") or 20)  # that count, at least
ACKS = 8  # at least
TRIPS = 3  # latched alarms that were acknowledged and reset, at least
SHELVES = 3  # whose time was over while the agent was dead, at least
SHELF_S = 3
SURE_TIMED = 10  # transitions of each rule with time in it that are compared, at least
CALM_S = 8  # at the end, so that what follows the last crash is compared too
LIMIT_S = 240 * max(1, KILLS / 20)  # of the crashing, or the test says what did not come
TAKEN_US = 100_000  # a record that Kafka acknowledged this long before a kill has been taken by an agent that keeps up
SURE_MQTT = 20  # transitions that no gap excuses, at least, or the run proves nothing for MQTT

WORKSPACE = """format: 1
name: Oracle
sources:
  - id: kafka
    kafka: {{ brokers: ["{SG_KAFKA_BROKERS}"], topics: [plant], start: earliest }}
    path: [device]
    labels: {{ device: /id }}
    time: {{ basis: message, at: /ts, unit: ms }}
    decode: {{ json: {{ fields: {{ v: {{ at: /v }} }} }} }}
  - id: mqtt
    mqtt: {{ broker: "{SG_MQTT_URL}", topics: ["plant/{{device}}"], qos: 1, version: 5 }}
    path: [device]
    time: {{ basis: message, at: /ts, unit: ms }}
    decode: {{ json: {{ fields: {{ v: {{ at: /v }} }} }} }}
  - id: timed
    kafka: {{ brokers: ["{SG_KAFKA_BROKERS}"], topics: [timed], start: earliest }}
    lateness: {lateness}ms
    path: [device]
    labels: {{ device: /id }}
    time: {{ basis: message, at: /ts, unit: ms }}
    decode: {{ json: {{ fields: {{ v: {{ at: /v }} }} }} }}
  - id: postgres
    postgres: {{ host: "{SG_PG_HOST}", port: {SG_PG_PORT}, user: {SG_PG_USER}, dbname: {SG_PG_DB}, view: plant, mode: cursor, cursor: loaded_at, overlap: 30s,
                 row_key: [device, ts], every: 200ms, start: earliest }}
    path: [device]
    time: {{ basis: message, at: "column:ts", unit: ms }}
    decode: {{ row: {{ learn: true }} }}
"""


def rules_text():
    out = "format: 1\nrules:\n"
    for rule in oracle.RULES:
        out += f"  - id: {rule.name}\n    name: {rule.name}\n    series: {rule.source}/*/{oracle.FIELD}\n    priority: high\n    action: Look.\n"
        if rule.keys:
            out += f"    only: {{ device: [{', '.join(rule.keys + str(i) for i in range(10))}] }}\n"
        if rule.latch:
            out += f"    latch: {rule.latch}\n"
        if rule.over_ms:
            out += f"    window: {{ take: avg, over: {rule.over_ms}ms, coverage: 0% }}\n"
        if rule.on_ms or rule.off_ms:
            out += f"    on_delay: {rule.on_ms}ms\n    off_delay: {rule.off_ms}ms\n"
        for level, limit, deadband in reversed(rule.levels):
            out += f"    {level}: {{ limit: {limit:g}, deadband: {deadband:g} }}\n"
    return out


def fail(text):
    print(f"FAIL: {text}", flush=True)
    raise SystemExit(1)


def now_us():
    return time.time_ns() // 1000


class Stack:
    """The fixture of tests/stack, asked by lines of JSON."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, HERE.parent / "stack" / "stack.py", "serve", "--with", "kafka,mosquitto,postgres"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.env = self._answer()["env"]

    def _answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"ok": False, "error": "the stack's supervisor is gone"}
        if not answer["ok"]:
            raise RuntimeError(f"the stack: {answer['error']}")
        return answer

    def restart(self, server, how):
        self.process.stdin.write(f"restart {server} {how}\n")
        self.process.stdin.flush()
        self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


class Restarts(threading.Thread):
    """Each server three times by SIGTERM and once by SIGKILL, one after the other."""

    def __init__(self, stack, chance):
        super().__init__(daemon=True)
        self.stack, self.chance = stack, chance
        self.failure = None
        self.done = []
        self.mosquitto_is_back = threading.Event()
        # A Mosquitto that is killed goes on with what it last wrote to disk, at its last clean end: a session from then, without what it
        # had confirmed since. No client can tell. Killed before its first clean end it comes back without any session, which a client is told.
        orders = {name: ["kill", "term", "term", "term"] for name in ("kafka", "mosquitto", "postgres")}
        for name in ("kafka", "postgres"):
            chance.shuffle(orders[name])
        names = [name for name in orders for _ in range(4)]
        chance.shuffle(names)
        self.plan = [(name, orders[name].pop(0)) for name in names]

    def run(self):
        try:
            for server, how in self.plan:
                time.sleep(self.chance.uniform(1.0, 3.0))
                began = time.monotonic()
                self.stack.restart(server, how)
                self.done.append((server, how))
                if server == "mosquitto":
                    self.mosquitto_is_back.set()
                print(f"  {server} restarted by {how} in {time.monotonic() - began:.1f} s", flush=True)
        except Exception as e:
            self.failure = str(e)


class Acknowledged:
    """What Kafka has acknowledged to the generator, by partition; follows its file."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.rest = b""
        self.times, self.offsets = {}, {}

    def follow(self):
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        for line in lines:
            _, _, _, _, acked, partition, offset = line.split(b",")
            partition = int(partition)
            self.times.setdefault(partition, []).append(int(acked))
            self.offsets.setdefault(partition, []).append(int(offset))

    def beyond(self, committed, until_us):
        """How many records acknowledged until then lie at or behind the committed positions."""
        count = 0
        for partition, times in self.times.items():
            last = bisect.bisect_right(times, until_us)
            count += last - min(last, bisect.bisect_left(self.offsets[partition], committed.get(partition, 0)))
        return count


class Agent:
    """One life of `sightglass-agent run`."""

    def __init__(self, command, errors):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.began, self.began_us = time.monotonic(), now_us()
        self.live = {}
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            row = json.loads(line) if line.endswith("}\n") else {"event": ""}
            if row["event"] == "SOURCE_LIVE":
                self.live[row["source"]] = time.monotonic() - self.began
            elif row["event"] == "SOURCE_LOST":
                self.live.pop(row["source"], None)

    def is_live(self, *sources):
        if self.process.poll() is not None:
            fail(f"the agent ended by itself with {self.process.returncode}")
        return all(source in self.live for source in sources)

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(30)
        self.reader.join(10)
        return status


class Test:
    def __init__(self, options, folder, chance):
        self.options, self.folder, self.chance = options, folder, chance
        self.workspace, self.state, self.reference = folder / "workspace", folder / "state", folder / "reference"
        self.logs = folder / "logs"
        self.acks = []  # (rule, key, note) confirmed
        self.resets = []  # as acks
        self.waiting = []  # (command, rule, key, note, state): what the reference has still to do of these, and in which state
        self.shelves = {}  # note -> (key, earliest and latest end in us), confirmed
        self.lives = []  # (from, to) of the killed agent in us
        self.ended_dead = 0  # shelves whose time was over while it was dead
        self.kills = self.counted = 0
        self.forgetful = 0  # how often Mosquitto was killed
        self.resumed = []  # seconds from start to Live for Kafka
        for path in (self.workspace / "rules", self.logs, folder / "runtime"):
            path.mkdir(parents=True)
        (folder / "runtime").chmod(0o700)
        os.environ.update(XDG_RUNTIME_DIR=str(folder / "runtime"), XDG_STATE_HOME=str(folder / "home"))
        self.errors = open(folder / "agent-errors.txt", "w")
        self.running = []  # processes, to be ended whatever happens

    def ask(self, command, *arguments, state=None):
        return subprocess.run([self.options.agent, command, *arguments, "--workspace", self.workspace, "--state", state or self.state],
                              capture_output=True, text=True, timeout=60, check=False)

    def start_agent(self, state=None):
        agent = Agent([self.options.agent, "run", "--workspace", self.workspace, "--state", state or self.state, "--json"], self.errors)
        self.running.append(agent.process)
        return agent

    def close(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
                process.wait()

    def committed(self):
        """Kafka's positions in the state file, by partition."""
        connection = sqlite3.connect(f"file:{self.state}/state.db?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT stream, bytes FROM position WHERE source = 'kafka'").fetchall()
        finally:
            connection.close()
        positions = {}
        for stream, text in rows:
            text = text.decode() if isinstance(text, bytes) else text
            version, following = text.split()[:2]
            assert version == "2", text
            positions[int(stream.rsplit("/", 1)[1])] = int(following)
        return positions

    def operate(self):
        """Something that an operator does, and is confirmed."""
        wanted = [self.acknowledge, self.acknowledge, self.shelve, self.trip]
        if self.counted > KILLS // 2:  # what is still missing
            wanted = ([self.acknowledge] * (len(self.acks) < ACKS) + [self.shelve] * (self.ended_dead < SHELVES)
                      + [self.trip] * (len(self.resets) < TRIPS)) or wanted
        self.chance.choice(wanted)()

    def listed(self, *states, state=None):
        rows = map(json.loads, self.ask("alarms", "--json", state=state).stdout.splitlines())
        return [a for a in rows if a["state"] in states]

    def do(self, command, rule, key, *more):
        """Returns its note when it was confirmed."""
        note = f"number {len(self.acks) + len(self.resets) + len(self.shelves) + 1}"
        answer = self.ask(command, rule, key, "--as", "tester", "--note", note, *more)
        if answer.returncode == 0 and answer.stdout.startswith({"ack": "acknowledged", "reset": "reset", "shelve": "shelved"}[command]):
            return note
        print(f"  {command} of {rule} {key}: {answer.stdout.strip()} {answer.stderr.strip()}", flush=True)
        return None

    def acknowledge(self):
        """One alarm that waits for it."""
        waiting = [a for a in self.listed("Unacknowledged", "Returned unacknowledged") if not a["key"].startswith("timed/")]
        steady = [a for a in waiting if a["key"].endswith("/steady")]
        if not waiting:
            return
        alarm = self.chance.choice(steady or waiting)
        if note := self.do("ack", alarm["rule"], alarm["key"]):
            # Which occurrence that was stands in the journal: a newer one may have begun since we looked.
            self.acks.append((alarm["rule"], alarm["key"], note))
            if alarm["key"].endswith("/steady"):
                self.repeat("ack", self.acks[-1], alarm["state"])

    def trip(self):
        """Lets go of one that latched; first it is acknowledged. Its condition is over, so that the instant changes nothing."""
        latched = [a for a in self.listed("Latched unacknowledged", "Latched acknowledged") if a["rule"] == "timed-trip"]
        if not latched:
            return
        alarm = self.chance.choice(latched)
        command, done = ("ack", self.acks) if alarm["state"] == "Latched unacknowledged" else ("reset", self.resets)
        if note := self.do(command, alarm["rule"], alarm["key"]):
            done.append((alarm["rule"], alarm["key"], note))
            self.repeat(command, done[-1], alarm["state"])

    def shelve(self):
        """A second time while it is shelved prolongs it."""
        keys = [a["key"] for a in self.listed("Unacknowledged", "Shelved") if a["rule"] == "timed-shelf"]
        if not keys:
            return
        key, began = self.chance.choice(keys), now_us()
        if note := self.do("shelve", "timed-shelf", key, "--for", f"{SHELF_S}s"):
            self.shelves[note] = (key, began + SHELF_S * 1_000_000, now_us() + SHELF_S * 1_000_000)

    def repeat(self, command, done, state):
        self.waiting.append((command, *done, state))
        end = time.monotonic() + 5  # soon, so that the alarm has not moved on there
        while not self.catch_up_reference() and time.monotonic() < end:
            time.sleep(0.05)

    def catch_up_reference(self, aside=()):
        """The same on the evaluator that is not killed, which may see the alarm later. Of those that last, so that the instant changes nothing
        once it has come to the same state. Whether all was done there, but for alarms that it need not have."""
        blocked = set()
        for one in list(self.waiting):
            command, rule, key, note, state = one
            has_come = any((a["rule"], a["key"]) == (rule, key) for a in self.listed(state, state=self.reference))
            if has_come and (rule, key) not in blocked and self.ask(command, rule, key, "--as", "tester", "--note", note,
                                                       state=self.reference).stdout.startswith(("acknowledged", "reset")):
                self.waiting.remove(one)
            else:
                blocked.add((rule, key))
        return all((rule, key) in aside for _, rule, key, *_ in self.waiting)

    def wait(self, condition, seconds, what, restarts=None):
        end = time.monotonic() + seconds
        while not condition():
            if restarts and restarts.failure:
                fail(restarts.failure)
            if time.monotonic() > end:
                fail(f"{what} did not come within {seconds} s")
            time.sleep(0.02)

    def crash(self, agent, kafka, restarts):
        """Kills the agent at a moment when something was taken and not committed. Returns whether that was so."""
        before = self.committed()
        # Now and then a long life, so that transitions far from every gap are compared too; a kill soon after a broker came back, because
        # its clients come back then too; and a kill right after an acknowledgement was confirmed.
        end = time.monotonic() + 3
        if restarts.mosquitto_is_back.wait(self.chance.choice([0.2, 0.4, 0.7, 1.0, 1.3, 4.0])):
            restarts.mosquitto_is_back.clear()
            end = time.monotonic() + self.chance.uniform(0.1, 0.6)
            while "mqtt" not in agent.live and time.monotonic() < end:
                time.sleep(0.001)
            end = 0
        elif self.chance.random() < 0.6 or (self.counted > KILLS // 2 and not self.has_operated()):
            self.operate()
        while time.monotonic() < end:
            kafka.follow()
            if agent.is_live("kafka") and kafka.beyond(self.committed(), now_us() - TAKEN_US) > 0:
                break
            time.sleep(0.005)
        was_live = agent.is_live("kafka")
        killed = now_us()
        agent.end(signal.SIGKILL)
        self.lives.append((agent.began_us, killed))
        self.kills += 1
        kafka.follow()
        after = self.committed()
        # It read in this life, was connected, and what was acknowledged well before the kill is not committed.
        lost = kafka.beyond(after, killed - TAKEN_US)
        return was_live and after != before and lost > 0

    def has_operated(self):
        return len(self.acks) >= ACKS and len(self.resets) >= TRIPS and self.ended_dead >= SHELVES

    def stay_dead(self):
        """Now and then until the time of what is shelved is over."""
        pending = [latest for _, _, latest in self.shelves.values() if latest > now_us()]
        if pending and (self.ended_dead < SHELVES or self.chance.random() < 0.3):
            self.ended_dead += len({key for key, _, latest in self.shelves.values() if latest in pending})
            while now_us() <= max(pending):
                time.sleep(0.05)

    def run(self, stack):
        (self.workspace / "workspace.yaml").write_text(WORKSPACE.format(lateness=timed.LATENESS_MS, **stack.env))
        (self.workspace / "rules" / "rules.yaml").write_text(rules_text())
        checked = self.ask("check")
        if checked.returncode != 0:
            fail(f"the workspace is refused: {checked.stdout}{checked.stderr}")
        generator = subprocess.Popen([self.options.generator, self.logs, str(self.chance.randrange(100_000))], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True, env={**os.environ, **stack.env})
        self.running.append(generator)
        if generator.stdout.readline() != "ready\n":
            fail("the generator could not start")
        agent, reference = self.start_agent(), self.start_agent(self.reference)
        self.wait(lambda: agent.is_live(*oracle.SOURCES) and reference.is_live(*oracle.SOURCES), 60,
                  "the first connection to all three servers")
        generator.stdin.write("go\n")
        generator.stdin.flush()
        began = time.monotonic()
        kafka = Acknowledged(self.logs / "kafka.csv")
        restarts = Restarts(stack, random.Random(self.chance.random()))
        restarts.start()
        while restarts.is_alive() or self.counted < KILLS or not self.has_operated() or time.monotonic() - began < FEED_S - CALM_S:
            if time.monotonic() - began > LIMIT_S:
                fail(f"after {LIMIT_S} s: {self.counted} kills that count of {self.kills}, {len(self.acks)} acknowledgements, "
                     f"{len(self.resets)} resets, {self.ended_dead} shelves that ended while dead, {restarts.done}")
            self.wait(lambda: agent.is_live("kafka"), 60, "Kafka in the agent", restarts)
            self.resumed.append(agent.live.get("kafka", 0))
            self.counted += self.crash(agent, kafka, restarts)
            if generator.poll() is not None:
                fail(f"the generator ended with {generator.returncode}")
            self.stay_dead()
            agent = self.start_agent()
        if restarts.failure:
            fail(restarts.failure)
        self.forgetful = restarts.done.count(("mosquitto", "kill"))
        crashed = time.monotonic() - began
        self.wait(lambda: agent.is_live(*oracle.SOURCES) and reference.is_live(*oracle.SOURCES), 60,
                  "the last connection to all three servers")
        time.sleep(CALM_S)
        generator.stdin.close()
        if generator.stdout.readline() != "done\n" or generator.wait(10) != 0:
            fail("the generator could not give away all it had")
        fed = time.monotonic() - began
        for state in (self.state, self.reference):
            self.wait(lambda state=state: self.has_all(state), 60, f"the newest value of every series in {state.name}")
        self.aside = oracle.set_aside(oracle.read_logs(self.logs))
        unsure = {alarm for alarm, times in self.aside.items() if len(times) > 1}
        self.wait(lambda: self.catch_up_reference(unsure), 30, "what the operator did in the reference")
        time.sleep(max(rule.on_ms + rule.off_ms for rule in oracle.RULES) / 1000 + 1)  # delays that the last values began
        self.lives.append((agent.began_us, now_us()))
        for ended in (agent, reference):
            status = ended.end(signal.SIGTERM)
            if status != 0:
                fail(f"the agent answered SIGTERM with {status}")
        resumed = sorted(self.resumed)
        print(f"fed for {fed:.0f} s, crashed for {crashed:.0f} s: {self.kills} kills, {self.counted} of them with a batch taken and not committed, "
              f"{len(restarts.done)} restarts of servers, {len(self.acks)} acknowledgements, {len(self.resets)} resets, {len(self.shelves)} shelves, "
              f"{self.ended_dead} of them over while it was dead; Kafka live after a start in "
              f"{resumed[len(resumed) // 2]:.1f} s (median), {resumed[-1]:.1f} s (longest)", flush=True)

    def has_all(self, state):
        shown = {}
        for line in self.ask("series", "--json", state=state).stdout.splitlines():
            row = json.loads(line)
            shown[row["series"]] = oracle.microseconds(row["t"]) // 1000
        for source in oracle.SOURCES:
            for key, records in oracle.read_log(self.logs / f"{source}.csv").items():
                if shown.get(f"{source}/{key}/{oracle.FIELD}") != records[-1].stamp:
                    return False
        return True

    def journal_of(self, state, name):
        printed = self.ask("journal", "--json", state=state)
        if printed.returncode != 0:
            fail(printed.stderr)
        (self.folder / name).write_text(printed.stdout)
        return oracle.read_journal(self.folder / name)

    def judge(self):
        rows = self.journal_of(self.state, "journal.jsonl")
        reference = self.journal_of(self.reference, "reference.jsonl")
        wrong, figures = oracle.check(self.logs, rows, self.state)
        wrong += self.judge_acks(rows) + self.judge_shelves(rows, figures)
        acknowledged = {(rule, key) for rule, key, _ in self.acks}
        for source in oracle.SOURCES:
            # What a declared gap took is not the same in both; then the oracle alone judges.
            if any(row["event"] == "GAP" and row.get("source") == source for row in rows + reference):
                figures[f"{source} not held against the reference, because of gaps"] += 1
                continue
            wrong += oracle.other_than_reference(source, rows, self.state, reference, self.reference, acknowledged, self.aside, figures)
        lost, doubled = figures.pop("lost", 0), figures.pop("doubled", 0)
        for name, count in figures.items():
            print(f"  {name}: {count}")
        print(f"figure: crash_kills {self.counted} kills\nfigure: crash_lost {lost} rows\nfigure: crash_doubled {doubled} rows", flush=True)
        # What is confirmed to the broker is in the spool, so that only a broker that was killed itself, and forgot its session, makes a gap.
        if figures["mqtt gaps"] > self.forgetful:
            wrong.append(f"{figures['mqtt gaps']} gaps of MQTT, but the broker was killed only {self.forgetful} times")
        if figures["mqtt transitions at records that no gap may have taken"] < SURE_MQTT:
            wrong.append("too few MQTT transitions lie outside of gaps to prove anything")
        for rule in oracle.RULES:
            if rule.on_ms or rule.over_ms or rule.latch == "until_ack":
                if figures[f"{rule.name} transitions compared"] < SURE_TIMED:
                    wrong.append(f"too few transitions of {rule.name} were compared to prove anything")
        if wrong:
            fail(f"{len(wrong)} faults\n" + "\n".join(wrong[:20]))

    def judge_acks(self, rows):
        """Each confirmed acknowledgement and reset stands in the journal once, and holds until that alarm's next occurrence or severity."""
        wrong = []
        for event, made in (("ACKNOWLEDGED", self.acks), ("RESET", self.resets)):
            journaled = [r for r in rows if r["event"] == event]
            for rule, key, note in made:
                found = [r for r in journaled if r.get("rule") == rule and r.get("key") == key and r.get("reason") == note]
                if len(found) != 1 or not found[0]["actor"].startswith("tester@"):
                    wrong.append(f"the confirmed {event} {note} of {rule} {key} stands {len(found)} times in the journal: {found}")
            if len(journaled) > len(made) + self.kills:
                wrong.append(f"{len(journaled)} times {event} in the journal, {len(made)} were made")
        # The alarms' own list says the same as the journal's last record of each.
        last = {(r["rule"], r["key"]): r["to"] for r in rows if r["event"] in oracle.TRANSITIONS | oracle.OPERATED}
        listed = {(a["rule"], a["key"]): a["state"] for a in map(json.loads, self.ask("alarms", "--json", "--all").stdout.splitlines())}
        for alarm, state in last.items():
            if listed.get(alarm) != state:
                wrong.append(f"{alarm} is listed as {listed.get(alarm)}, its journal ends with {state}")
        if not any(state == "Acknowledged" and key.endswith("/steady") for (_, key), state in last.items()):
            wrong.append("no alarm that lasted was acknowledged and stayed so")
        return wrong

    def judge_shelves(self, rows, figures):
        """Each confirmed shelf stands in the journal once, and ends once: at its time, or when the agent lives again."""
        wrong = []
        for key in {r["key"] for r in rows if r.get("rule") == "timed-shelf"}:
            times = None  # earliest and latest end of the shelf it is on
            for row in (r for r in rows if r.get("rule") == "timed-shelf" and r["key"] == key):
                if row["event"] == "SHELVED":
                    if row["reason"] not in self.shelves:
                        wrong.append(f"nobody shelved {key}: {row}")
                        continue
                    if times is not None and row["from"] != "Shelved":
                        figures["lost"] += 1
                        wrong.append(f"{key}: nothing says that the shelf ended before {row}")
                    times = self.shelves[row["reason"]][1:]
                elif row["event"] == "SHELF_OVER":
                    at = oracle.microseconds(row["t_detect"])
                    if times is None:
                        figures["doubled"] += 1
                        wrong.append(f"{key}: the end of a shelf that had ended: {row}")
                    elif at < times[0] or at > self.awake_by(times[1]):
                        wrong.append(f"{key}: a shelf to end between {times} ended at {at}")
                    times = None
            if times is not None:
                figures["lost"] += 1
                wrong.append(f"{key}: a shelf never ended: {times}")
        notes = [r["reason"] for r in rows if r["event"] == "SHELVED"]
        for note, (key, _, _) in self.shelves.items():
            if notes.count(note) != 1:
                figures["lost" if note not in notes else "doubled"] += 1
                wrong.append(f"the confirmed shelf {note} of {key} stands {notes.count(note)} times in the journal")
        return wrong

    def awake_by(self, due_us):
        """When an agent must have noticed at the latest what was due then."""
        patience = 5_000_000  # from its start on, on a busy machine
        for begin, end in self.lives:
            if end >= max(begin, due_us) + patience:
                return max(begin, due_us) + patience
        return self.lives[-1][1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--generator", required=True)
    options = parser.parse_args()
    seed = int(os.environ.get("SIGHTGLASS_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"seed {seed} (SIGHTGLASS_SEED={seed} repeats the schedule)", flush=True)
    kept = os.environ.get("SIGHTGLASS_KEEP")
    folder = pathlib.Path(kept or tempfile.mkdtemp(prefix="sightglass-crash-", dir="/tmp"))
    test = Test(options, folder, random.Random(seed))
    stack = Stack()
    try:
        test.run(stack)
        test.judge()
    finally:
        test.close()
        stack.close()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    print("passed: no transition and no reading lost or doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
