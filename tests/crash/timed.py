"""What rules with delays and windows must have done; nothing of Sightglass is imported.

A rule with time in it looks at a source that waits for late records (its lateness). What comes later than that, because a broker was away,
may be judged in another order in each run: such times are set aside, and as long afterwards until the rule knows nothing of them any more.
"""
import collections
import math

LATENESS_MS = 3000  # of the source
SLACK_MS = 1000  # how long a record that its broker acknowledged may be on its way on a busy machine

Interval = collections.namedtuple("Interval", "begin end")  # stamps in ms, both included


def is_inside(stamp, intervals):
    return any(i.begin <= stamp <= i.end for i in intervals)


def is_decided(rule, value):
    """Above the limit, or below the deadband: whatever was before, this says what holds."""
    (_, limit, deadband), = rule.levels
    return value > limit or value < limit - deadband


def is_true(rule, was, value):
    (_, limit, deadband), = rule.levels
    return value > limit or (was and value >= limit - deadband)


def delayed(rule, records):
    """Transitions as (event, stamp, value): on-delay and off-delay, each counted from the record that began it. A delay that is over at the
    time of a record was over before it."""
    out, truth, active, begun = [], False, False, None

    def finish(until):
        nonlocal active, begun
        delay = rule.off_ms if active else rule.on_ms
        if begun and begun.stamp + delay <= until:
            out.append(("CLEARED" if active else "RAISED", begun.stamp, begun.value))
            active, begun = not active, None

    for record in records:
        finish(record.stamp)
        truth = is_true(rule, truth, record.value)
        if truth == active:
            begun = None
        elif begun is None:
            begun = record
            finish(record.stamp)  # no delay at all
    finish(math.inf)
    return out


def means(rule, records):
    """(ms, mean of the window that ends there, both ends of its samples): at each record, and whenever one leaves the window."""
    window, out = collections.deque(), []

    def look(t):
        while window and window[0].stamp <= t - rule.over_ms:
            window.popleft()
        if window:
            out.append((t, math.fsum(r.value for r in window) / len(window)))

    for record in records:
        while window and window[0].stamp + rule.over_ms <= record.stamp:
            look(window[0].stamp + rule.over_ms)
        window.append(record)
        look(record.stamp)
    return out


def windowed(rule, records):
    out, active = [], False
    for t, mean in means(rule, records):
        if is_true(rule, active, mean) != active:
            active = not active
            out.append(("RAISED" if active else "CLEARED", t, mean))
    return out


def expected(rule, records):
    return windowed(rule, records) if rule.over_ms else delayed(rule, records)


def known_again(rule, records, after):
    """From when on the rule's state follows from what came after `after` alone."""
    if rule.over_ms:
        return next((t for t, mean in means(rule, records) if t >= after + rule.over_ms and is_decided(rule, mean)), math.inf)
    truth, since = None, None
    for record in (r for r in records if r.stamp >= after):
        if since is not None and since + (rule.on_ms if truth else rule.off_ms) <= record.stamp:
            return record.stamp
        if truth is None and not is_decided(rule, record.value):
            continue
        now = is_true(rule, bool(truth), record.value)
        if now != truth:
            truth, since = now, record.stamp
    return math.inf


def set_aside(rule, records):
    """Where journals may differ: around records that came too late, where a window was empty, and behind the last record."""
    late = [Interval(r.stamp, max(r.stamp, r.acked / 1000 - LATENESS_MS + SLACK_MS)) for r in records
            if r.acked / 1000 - r.stamp > LATENESS_MS - SLACK_MS]
    if rule.over_ms:
        late += [Interval(a.stamp + rule.over_ms, b.stamp) for a, b in zip(records, records[1:]) if b.stamp - a.stamp >= rule.over_ms]
    out = []
    for one in sorted(late):
        if out and one.end <= out[-1].end:
            continue
        lead = max(rule.on_ms, rule.off_ms, rule.over_ms)
        out.append(Interval(one.begin - lead, known_again(rule, records, one.end)))
    return out + [Interval(records[-1].stamp + 1, math.inf)]
