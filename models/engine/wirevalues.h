#pragma once

#include "engine/snapshot.h"
#include "engine/wirebytes.h"

// One description of every value for both directions: pass(io, value) writes when io is a WireOut and reads when it is a WireIn. Each
// takes its struct apart by name, so that a member that is added does not compile until it is passed on here too.
namespace sg {

class WireOut
{
public:
    static constexpr bool IsReading = false;
    explicit WireOut(ByteWriter &out)
        : m_out(out)
    {
    }
    void operator()(bool v) { m_out.flag(v); }
    void operator()(std::uint32_t v) { m_out.number(v); }
    void operator()(std::uint64_t v) { m_out.number(v); }
    void operator()(std::int64_t v) { m_out.word(static_cast<std::uint64_t>(v)); }
    void operator()(double v) { m_out.real(v); }
    void operator()(Time v) { m_out.time(v); }
    void operator()(Micros v) { m_out.micros(v); }
    void operator()(Mono v) { m_out.mono(v); }
    void operator()(const std::string &v) { m_out.text(v); }
    void operator()(const Error &v) { m_out.error(v); }
    void hash(std::uint64_t v) { m_out.word(v); }
    template <class E> void choice(E v, E) { m_out.choice(v); }
    [[nodiscard]] bool isGood() const { return true; }
    template <class T, class F> void list(const std::vector<T> &v, std::size_t, F each)
    {
        m_out.number(v.size());
        for (const T &element : v)
            each(element);
    }
    template <class T, class F> void maybe(const std::optional<T> &v, F each)
    {
        m_out.flag(v.has_value());
        if (v)
            each(*v);
    }

private:
    ByteWriter &m_out;
};

class WireIn
{
public:
    static constexpr bool IsReading = true;
    explicit WireIn(ByteReader &in)
        : m_in(in)
    {
    }
    void operator()(bool &v) { v = m_in.flag(); }
    void operator()(std::uint32_t &v) { v = static_cast<std::uint32_t>(m_in.numberUpTo(std::numeric_limits<std::uint32_t>::max())); }
    void operator()(std::uint64_t &v) { v = m_in.number(); }
    void operator()(std::int64_t &v) { v = static_cast<std::int64_t>(m_in.word()); }
    void operator()(double &v) { v = m_in.real(); }
    void operator()(Time &v) { v = m_in.time(); }
    void operator()(Micros &v) { v = m_in.micros(); }
    void operator()(Mono &v) { v = m_in.mono(); }
    void operator()(std::string &v) { v = m_in.text(); }
    void operator()(Error &v) { v = m_in.error(); }
    void hash(std::uint64_t &v) { v = m_in.word(); }
    template <class E> void choice(E &v, E last) { v = m_in.choice(last); }
    [[nodiscard]] bool isGood() const { return m_in.isGood(); }
    void fail() { m_in.fail(); }
    template <class T, class F> void list(std::vector<T> &v, std::size_t leastBytes, F each)
    {
        v.clear();
        const std::size_t count = m_in.count(leastBytes);
        for (std::size_t i = 0; i < count && m_in.isGood(); ++i) // grows with what was really there
            each(v.emplace_back());
    }
    template <class T, class F> void maybe(std::optional<T> &v, F each)
    {
        v.reset();
        if (m_in.flag())
            each(v.emplace());
    }

private:
    ByteReader &m_in;
};

template <class Io, class T> using Passed = std::conditional_t<Io::IsReading, T, const T> &;

template <class Io> void pass(Io &io, Passed<Io, std::vector<std::string>> texts)
{
    io.list(texts, 1, [&](auto &text) { io(text); });
}

template <class Io> void pass(Io &io, Passed<Io, std::vector<Error>> errors)
{
    io.list(errors, 3, [&](auto &error) { io(error); });
}

template <class Io> void pass(Io &io, Passed<Io, Row> row)
{
    auto &[t, value, quality, isLate] = row;
    io(t);
    io(value);
    io.choice(quality, Quality::Bad);
    io(isLate);
}

template <class Io> void pass(Io &io, Passed<Io, Column> column)
{
    io(column.samples);
    if constexpr (requires { column.rows; })
        io(column.rows);
    io.choice(column.worst, Quality::Bad);
    io(column.breaksBefore);
    io(column.endsInGap);
    io(column.hasLate);
    if (column.samples == 0) // the rest means nothing
        return;
    for (auto *value : {&column.first, &column.last, &column.min, &column.max})
        io(*value);
}

template <class Io> void pass(Io &io, Passed<Io, Columns> value)
{
    io(value.from);
    io(value.to);
    io.list(value.columns, 4, [&](auto &column) { pass(io, column); });
    io.maybe(value.before, [&](auto &row) { pass(io, row); });
    io.maybe(value.after, [&](auto &row) { pass(io, row); });
    if constexpr (requires { value.gapAfter; })
        io.maybe(value.gapAfter, [&](auto &t) { io(t); });
    io(value.samples);
    io.list(value.rows, 17, [&](auto &row) { pass(io, row); });
}

template <class Io> void pass(Io &io, Passed<Io, Tag> tag)
{
    auto &[name, unit, area, range, decimals, staleAfter] = tag;
    for (auto *text : {&name, &unit, &area})
        io(*text);
    io.maybe(range, [&](auto &pair) {
        io(pair.first);
        io(pair.second);
    });
    io.maybe(decimals, [&](auto &number) {
        std::int64_t wide = number;
        io(wide);
        if constexpr (Io::IsReading)
            number = static_cast<int>(std::clamp<std::int64_t>(wide, -1000, 1000));
    });
    io.maybe(staleAfter, [&](auto &span) { io(span); });
}

// A place in a file is passed on for messages; the tree is bounded in depth, because reading it recurses.
template <class Io> void pass(Io &io, Passed<Io, Node> node, int depth = 0)
{
    auto &[kind, scalar, map, list, file, line, column] = node;
    if constexpr (Io::IsReading) {
        if (depth > 64) {
            io.fail();
            return;
        }
    }
    io.choice(kind, Node::Kind::List);
    io(scalar);
    io.list(map, 4, [&](auto &entry) {
        io(entry.first);
        pass(io, entry.second, depth + 1);
    });
    io.list(list, 4, [&](auto &entry) { pass(io, entry, depth + 1); });
    // Each node names the file of its rule: Rule::file says it once. Lines stay, for "rules/press.yaml:14".
    std::int64_t at = line;
    std::int64_t in = column;
    io(at);
    io(in);
    if constexpr (Io::IsReading) {
        line = static_cast<int>(std::clamp<std::int64_t>(at, 0, 1 << 30));
        column = static_cast<int>(std::clamp<std::int64_t>(in, 0, 1 << 30));
    }
}

template <class Io> void pass(Io &io, Passed<Io, Selector> selector)
{
    std::string text = selector.text();
    io(text);
    if constexpr (Io::IsReading) {
        if (text.empty()) // of a rule that watches by its settings alone
            return;
        if (auto parsed = Selector::parse(text))
            selector = std::move(*parsed);
        else
            io.fail();
    }
}

// What a window shows of a rule. What only an evaluator needs of it (expressions, tables of limits) stays where it is; a window that has
// read the same rule from the workspace uses that one, see SnapshotReader.
template <class Io> void pass(Io &io, Passed<Io, Rule> rule)
{
    for (auto *value : {&rule.id, &rule.name, &rule.area, &rule.cause, &rule.consequence, &rule.action, &rule.kind, &rule.text, &rule.file})
        io(*value);
    io(rule.isAreaOwn);
    io(rule.isEnabled);
    io.choice(rule.priority, Priority::Urgent);
    io.choice(rule.audience, Audience::Event);
    pass(io, rule.series);
    pass(io, rule.settings);
    io(rule.onDelay);
    io(rule.offDelay);
    io.hash(rule.hash);
    io.hash(rule.conditionHash);
}

template <class Io> void pass(Io &io, Passed<Io, Regions> regions)
{
    auto &[isEnabled, condition, ack, latch, suppression, quality, level, worst, seq, occurrence, t0, raised, detected, reoccurrences]
        = regions;
    io(isEnabled);
    io.choice(condition, ConditionRegion::PendingOff);
    io.choice(ack, AckRegion::Unacked);
    io.choice(latch, LatchRegion::Latched);
    io.choice(suppression, std::uint8_t(Shelved | SuppressedByDesign | OutOfServiceFlag));
    io.choice(quality, QualityRegion::Unknown);
    io.choice(level, Level::HighHigh);
    io.choice(worst, Level::HighHigh);
    io(seq);
    io.hash(occurrence);
    for (auto *t : {&t0, &raised, &detected})
        io(*t);
    io(reoccurrences);
}

// All but the rule, which is known by a number.
template <class Io> void pass(Io &io, Passed<Io, AlarmView> alarm)
{
    auto &[rule, area, key, field, path, regions, priority, value, limit, valueText, lastSample, origin, shelvedUntil, suppressedBy,
           suppressedWhy, permit, suppressedCause, isFirstOut, isChattering, raisesInMinute, lateBy, why, because, became, soundsFrom,
           isStale, note, notedBy, notedAt, notes]
        = alarm;
    static_cast<void>(rule);
    for (auto *text : {&area, &key, &field, &path, &valueText, &origin, &suppressedBy, &suppressedWhy, &permit, &suppressedCause, &note,
                       &notedBy, &notes})
        io(*text);
    pass(io, regions);
    io.choice(priority, Priority::Urgent);
    io(value);
    io(limit);
    for (auto *t : {&lastSample, &shelvedUntil, &soundsFrom, &notedAt})
        io(*t);
    for (auto *flag : {&isFirstOut, &isChattering, &isStale})
        io(*flag);
    io(raisesInMinute);
    io(lateBy);
    io(why);
    io(because);
    io(became);
}

// A count of this machine's size.
template <class Io> void passCount(Io &io, Passed<Io, std::size_t> count)
{
    std::uint64_t wide = count;
    io(wide);
    if constexpr (Io::IsReading)
        count = static_cast<std::size_t>(wide);
}

template <class Io> void pass(Io &io, Passed<Io, Flood> flood)
{
    auto &[area, since, count, peak, firstOut] = flood;
    io(area);
    io(since);
    passCount(io, count);
    passCount(io, peak);
    io(firstOut);
}

// All but the rule.
template <class Io> void pass(Io &io, Passed<Io, RuleWatch> watch)
{
    auto &[rule, watched, active, unknown, trouble, notSeen, notSeenCount] = watch;
    static_cast<void>(rule);
    for (auto *count : {&watched, &active, &unknown, &notSeenCount})
        passCount(io, *count);
    io.maybe(trouble, [&](auto &error) { io(error); });
    pass(io, notSeen);
}

template <class Io> void pass(Io &io, Passed<Io, ClockRow> clock)
{
    auto &[key, state, offset, bound, driftPerHour, isCorrected, since] = clock;
    io(key);
    io.choice(state, ClockRow::State::RanBack);
    io(offset);
    io.maybe(bound, [&](auto &span) { io(span); });
    io(driftPerHour);
    io(isCorrected);
    io(since);
}

template <class Io> void pass(Io &io, Passed<Io, SourceStatus> status)
{
    auto &[state, why, nextTry, messagesPerSecond, bytesPerSecond, queriesPerSecond, lag, messages, decodeErrors, lastDecodeError,
           lastBadPayload, notes]
        = status;
    io.choice(state, SourceStatus::State::Stopped);
    io.maybe(why, [&](auto &error) { io(error); });
    io.maybe(nextTry, [&](auto &t) { io(t); });
    io(messagesPerSecond);
    io(bytesPerSecond);
    io(queriesPerSecond);
    io(lag);
    io(messages);
    io(decodeErrors);
    io.maybe(lastDecodeError, [&](auto &error) { io(error); });
    io(lastBadPayload);
    pass(io, notes);
}

template <class Io> void pass(Io &io, Passed<Io, Unwatched> unwatched)
{
    auto &[from, to, isCatchingUp, isLost, raised, cleared, active] = unwatched;
    io(from);
    io(to);
    io(isCatchingUp);
    io(isLost);
    passCount(io, raised);
    passCount(io, cleared);
    passCount(io, active);
}

template <class Io> void pass(Io &io, Passed<Io, SourceRow> source)
{
    auto &[id, kind, isReplayable, status, newest, lastArrival, clockOffset, series, messagesTaken, clocks, unwatched] = source;
    io(id);
    io(kind);
    io(isReplayable);
    pass(io, status);
    io(newest);
    io(lastArrival);
    io(clockOffset);
    passCount(io, series);
    io(messagesTaken);
    io.list(clocks, 12, [&](auto &clock) { pass(io, clock); });
    io.maybe(unwatched, [&](auto &span) { pass(io, span); });
}

template <class Io> void pass(Io &io, Passed<Io, OperatorAction> action)
{
    auto &[verb, shown, actor, reason, until, named, permit] = action;
    io.choice(verb, Verb::Enable);
    io.list(shown, 9, [&](auto &occurrence) {
        io.hash(occurrence.occurrence);
        io(occurrence.seq);
    });
    io(actor);
    io(reason);
    io.maybe(until, [&](auto &t) { io(t); });
    io.list(named, 3, [&](auto &name) {
        io(name.rule);
        io(name.key);
        io(name.field);
    });
    io(permit);
}

template <class Io> void pass(Io &io, Passed<Io, Outcome> outcome)
{
    auto &[isDone, says] = outcome;
    io(isDone);
    io(says);
}

template <class T> std::string bytesOf(const T &value)
{
    ByteWriter bytes;
    WireOut out(bytes);
    pass(out, value);
    return bytes.take();
}

template <class T> std::optional<T> valueOf(std::string_view bytes)
{
    ByteReader reader(bytes);
    WireIn in(reader);
    T value;
    pass(in, value);
    if (!reader.isGood() || !reader.isAtEnd())
        return std::nullopt;
    return value;
}

}
