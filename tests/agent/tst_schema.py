#!/usr/bin/env python3
"""`sightglass-agent schema`: draft-07 to a validator that is not ours; workspaces that are right pass, and each kind of slip is marked."""

import argparse
import json
import pathlib
import subprocess
import sys
import unittest

import jsonschema
import yaml

OPTIONS = argparse.Namespace()


class Loader(yaml.SafeLoader):
    """As an editor reads YAML: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

SCHEMAS = {}
FILES = {
    "workspace": ["workspace.yaml"],
    "tags": ["tags.yaml"],
    "routes": ["routes.yaml"],
    "rules": ["rules/*.yaml"],
    "dashboards": ["dashboards/*.yaml"],
    "tests": ["tests/*.yaml"],
}

SOURCE = "path: [line], decode: { json: { learn: true } }"
RULE = "id: hot, series: press/*/temp, priority: high"

# file, what stands in it, and whether it is right
ROWS = {
    "nothing but the format": ("workspace", "format: 1", True),
    "no format": ("workspace", "name: x", False),
    "another format": ("workspace", "format: 2", False),
    "unknown key of the root": ("workspace", "format: 1\nconections: []", False),
    "a name in languages": ("workspace", "format: 1\nname: { en: Plant, ko: 공장 }", True),
    "a name in a language nobody reads": ("workspace", "format: 1\nname: { xx: Plant }", False),
    "an empty list": ("workspace", "format: 1\nsources:", True),
    "kafka": ("workspace", "format: 1\nsources: [{ id: a, kafka: { brokers: [b], topics: [t] }, %s }]" % SOURCE, True),
    "unknown key of kafka": ("workspace", "format: 1\nsources: [{ id: a, kafka: { broker: [b], topics: [t] }, %s }]" % SOURCE, False),
    "a required key is missing": ("workspace", "format: 1\nsources: [{ id: a, kafka: { brokers: [b] }, %s }]" % SOURCE, False),
    "a used connection may have it": ("workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, %s }]" % SOURCE, True),
    "two kinds": ("workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, mqtt: { use: c }, %s }]" % SOURCE, False),
    "no kind": ("workspace", "format: 1\nsources: [{ id: a, %s }]" % SOURCE, False),
    "no path": ("workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, decode: { json: { learn: true } } }]", False),
    "no decode": ("workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, path: [x] }]", False),
    "the demo needs none": ("workspace", "format: 1\nsources: [{ id: a, demo: , path: [x] }]", True),
    "stopped": ("workspace", "format: 1\nsources: [{ id: a, enabled: false, kafka: { use: b }, %s }]" % SOURCE, True),
    "an id with capitals": ("workspace", "format: 1\nsources: [{ id: Press, kafka: { use: b }, %s }]" % SOURCE, False),
    "a secret by reference": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { broker: 'tcp://b:1', password: { env: SG_X } } }]", True),
    "a secret as a text": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { broker: 'tcp://b:1', password: secret } }]", False),
    "a secret of another program": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { password: { env: HOME } } }]", False),
    "a secret from two places": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { password: { env: SG_A, file: x } } }]", False),
    "a connection of two kinds": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { broker: b }, kafka: { brokers: [c] } }]", False),
    "mail": ("workspace", "format: 1\nconnections: [{ id: a, smtp: { host: h, from: a@b } }]", True),
    "a choice that is a number": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { broker: b, version: 5 } }]", True),
    "no such choice": ("workspace", "format: 1\nconnections: [{ id: a, mqtt: { broker: b, version: 6 } }]", False),
    "ten m": ("workspace", "format: 1\nsources: [{ id: a, lateness: 10m, kafka: { use: b }, %s }]" % SOURCE, False),
    "ten min": ("workspace", "format: 1\nsources: [{ id: a, lateness: 10min, kafka: { use: b }, %s }]" % SOURCE, True),
    "unknown key of a field": (
        "workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, path: [x], decode: { json: { fields: { t: { att: /t } } } } }]", False),
    "a field": ("workspace", "format: 1\nsources: [{ id: a, kafka: { use: b }, path: [x], decode: { json: { fields: { t: { at: /t } } } } }]", True),
    "history": ("workspace", "format: 1\nhistory: { keep: 30d, max_size: 5GB }\nroles: { engineer: [a, b] }\nzone: Asia/Seoul", True),
    "unknown key of the history": ("workspace", "format: 1\nhistory: { kepe: 30d }", False),
    "a tag": ("tags", "format: 1\ntags: [{ series: 'press/*/temp', unit: '°C', range: [0, 120], decimals: 1, stale_after: 10s }]", True),
    "unknown key of a tag": ("tags", "format: 1\ntags: [{ series: 'press/*/temp', units: '°C' }]", False),
    "a tag of nothing": ("tags", "format: 1\ntags: [{ unit: '°C' }]", False),
    "a range with one end": ("tags", "format: 1\ntags: [{ series: a, range: [0] }]", False),
    "levels": ("rules", "format: 1\nrules: [{ %s, high: { limit: 80, deadband: 1%% } }]" % RULE, True),
    "unknown key of a rule": ("rules", "format: 1\nrules: [{ %s, high: { limit: 80 }, on_dely: 5s }]" % RULE, False),
    "unknown key of a level": ("rules", "format: 1\nrules: [{ %s, high: { limt: 80 } }]" % RULE, False),
    "no test": ("rules", "format: 1\nrules: [{ %s }]" % RULE, False),
    "two tests": ("rules", "format: 1\nrules: [{ %s, high: { limit: 80 }, equals: 3 }]" % RULE, False),
    "two levels are one test": ("rules", "format: 1\nrules: [{ %s, high: { limit: 80 }, low: { limit: 2 } }]" % RULE, True),
    "a measure": ("rules", "format: 1\nrules: [{ %s, window: { take: avg, over: 5min }, high: { limit: 80 } }]" % RULE, True),
    "two measures": (
        "rules", "format: 1\nrules: [{ %s, window: { take: avg, over: 5min }, ratio: { to: a/b/c, over: 1min }, high: { limit: 8 } }]" % RULE, False),
    "a measure with another test": ("rules", "format: 1\nrules: [{ %s, window: { take: avg, over: 5min }, equals: 3 }]" % RULE, False),
    "defaults": ("rules", "format: 1\ndefaults: { priority: high, area: { en: Press, ko: 프레스 } }\nrules:", True),
    "unknown default": ("rules", "format: 1\ndefaults: { prio: high }", False),
    "no such priority": ("rules", "format: 1\nrules: [{ id: a, series: a/b, priority: highest, equals: 1 }]", False),
    "a page": ("dashboards", "format: 1\ntiles: [{ id: a, at: [0, 0, 12, 6], chart: { series: [a/b] } }, { id: b, at: [0, 6, 12, 6], alarms: }]", True),
    "unknown key of a tile": ("dashboards", "format: 1\ntiles: [{ id: a, at: [0, 0, 12, 6], chart: { series: [a/b], spna: 30min } }]", False),
    "a tile of two kinds": ("dashboards", "format: 1\ntiles: [{ id: a, at: [0, 0, 1, 1], chart: { series: [a] }, alarms: { area: x } }]", False),
    "a tile of a newer version": ("dashboards", "format: 1\ntiles: [{ id: a, at: [0, 0, 1, 1], heatmap: { field: load } }]", True),
    "a tile that shows nothing": ("dashboards", "format: 1\ntiles: [{ id: a, at: [0, 0, 1, 1] }]", False),
    "a tile nowhere": ("dashboards", "format: 1\ntiles: [{ id: a, chart: { series: [a/b] } }]", False),
    "a route": ("routes", "format: 1\nroutes: [{ id: a, http: { url: 'https://h/x' }, after: 2min, only: { priority: [high] } }]", True),
    "a route whose address is a secret": ("routes", "format: 1\nroutes: [{ id: a, http: { url: { env: SG_URL } } }]", True),
    "a route to two": ("routes", "format: 1\nroutes: [{ id: a, http: { url: 'https://h/x' }, smtp: { use: mail, to: [a@b] } }]", False),
    "unknown key of a route": ("routes", "format: 1\nroutes: [{ id: a, http: { url: 'https://h/x' }, afetr: 2min }]", False),
    "a route to nobody": ("routes", "format: 1\nroutes: [{ id: a, after: 2min }]", False),
    "a heartbeat": ("routes", "format: 1\nheartbeats: [{ id: a, http: { url: 'https://h/x', method: GET }, every: 30s }]", True),
    "a heartbeat by mail": ("routes", "format: 1\nheartbeats: [{ id: a, smtp: { use: mail, to: [a@b] } }]", False),
    "a test": ("tests", "format: 1\ntests: [{ name: a, series: { press/L1/temp: '20 21 90' }, states: [{ at: 3s, rule: hot, state: normal }] }]", True),
    "unknown key of a test": ("tests", "format: 1\ntests: [{ nmae: a, series: { a/b: '1' } }]", False),
    "unknown key of a state": ("tests", "format: 1\ntests: [{ name: a, series: { a/b: '1' }, states: [{ at: 3s, rul: hot, state: normal }] }]", False),
}


def schema(name):
    if name not in SCHEMAS:
        text = subprocess.run([OPTIONS.agent, "schema", name], check=True, capture_output=True, text=True, timeout=30).stdout
        SCHEMAS[name] = json.loads(text)
    return SCHEMAS[name]


def faults(name, text):
    document = yaml.load(text, Loader)
    return ["%s: %s" % ("/".join(map(str, fault.absolute_path)), fault.message)
            for fault in jsonschema.Draft7Validator(schema(name)).iter_errors(document)]


class Schema(unittest.TestCase):
    def test_is_draft_07(self):
        for name in FILES:
            with self.subTest(name):
                self.assertEqual(schema(name)["$schema"], "http://json-schema.org/draft-07/schema#")
                jsonschema.Draft7Validator.check_schema(schema(name))

    def test_workspaces_that_are_right(self):
        seen = 0
        for folder in OPTIONS.folders:
            for name, patterns in FILES.items():
                for path in [path for pattern in patterns for path in sorted(pathlib.Path(folder).glob(pattern))]:
                    with self.subTest(str(path)):
                        self.assertEqual(faults(name, path.read_text("utf-8-sig")), [])
                    seen += 1
        self.assertGreater(seen, 5)

    def test_slips(self):
        for row, (name, text, is_right) in ROWS.items():
            with self.subTest(row):
                found = faults(name, text)
                self.assertEqual(not found, is_right, found)

    def test_says_what_a_key_is(self):
        item = schema("rules")["properties"]["rules"]["items"]["properties"]
        self.assertIn("On-delay", item["on_delay"]["description"])
        self.assertEqual(item["on_delay"]["default"], "0s")

    def test_wrong_use(self):
        done = subprocess.run([OPTIONS.agent, "schema", "rule"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn("workspace|tags|rules", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    parser.add_argument("folders", nargs="*")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
