#!/usr/bin/env python3
"""What the crash test's comparison leaves out, and what it does not."""
import datetime
import sys
import unittest

sys.dont_write_bytecode = True  # the source tree stays as it is
import oracle  # noqa: E402
import timed  # noqa: E402

ALARM = ("timed-latched", "timed/pulse1")
LATCHED = next(rule for rule in oracle.RULES if rule.name == ALARM[0])
ASIDE = {ALARM: [timed.Interval(2000, 3000), timed.Interval(9001, float("inf"))]}


def row(event, milliseconds, occurrence):
    stamp = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"rule": ALARM[0], "key": ALARM[1], "event": event, "t_stamp": stamp, "occurrence": occurrence, "from": "", "to": ""}


def record(milliseconds, value):
    return oracle.Record(milliseconds, value, 0, 0, (0, 0))


class Compare(unittest.TestCase):
    def kept(self, *rows):
        return [dict(one)["event"] + dict(one)["occurrence"] for one in oracle.compared(rows, "timed", set(), ASIDE)[ALARM]]

    def test_an_occurrence_that_lasts_over_what_is_set_aside_may_be_another_one_behind_it(self):
        after = [row("RAISED", 5000, "c"), row("CLEARED", 6000, "c")]
        whole = self.kept(row("RAISED", 1000, "a"), row("CLEARED", 4000, "a"), *after)
        cut = self.kept(row("RAISED", 1000, "a"), row("CLEARED", 2400, "a"), row("RAISED", 2500, "b"), row("CLEARED", 4000, "b"), *after)
        self.assertEqual(whole, ["RAISEDa", "RAISEDc", "CLEAREDc"])
        self.assertEqual(whole, cut)

    def test_what_ends_before_is_compared(self):
        self.assertEqual(self.kept(row("RAISED", 1000, "a"), row("CLEARED", 1500, "a")), ["RAISEDa", "CLEAREDa"])

    def test_a_value_inside_the_deadband_tells_nothing(self):
        records = [record(1000, 68.0), record(1100, 68.0), record(1200, 50.0), record(1300, 80.0)]
        self.assertEqual(timed.known_again(LATCHED, records, 900), 1300)


if __name__ == "__main__":
    unittest.main()
