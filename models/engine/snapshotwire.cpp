#include "engine/snapshotwire.h"

#include "engine/wirevalues.h"

#include <bit>

namespace sg {

namespace {

enum class Entry : std::uint8_t { Afresh, Rule, Series, Alarm, Text, Watch };

constexpr std::uint64_t MostRows = 4U << 20U; // of one kind, that a reader takes

enum SeriesFlag : std::uint8_t { HasName = 1, IsEmpty = 2, HasTag = 4, HasText = 8, SameText = 16 };

bool isSameName(const SeriesRow &a, const SeriesRow &b)
{
    return a.path == b.path && a.tag == b.tag && a.kind == b.kind;
}

bool isSame(const SeriesRow &a, const SeriesRow &b)
{
    return isSameName(a, b) && a.t == b.t && a.arrived == b.arrived
        && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) && a.text == b.text && a.quality == b.quality
        && a.view.sealed == b.view.sealed && a.view.head == b.view.head && a.view.headRows == b.view.headRows;
}

bool isSame(const RuleWatch &a, const RuleWatch &b)
{
    return a.rule == b.rule && a.watched == b.watched && a.active == b.active && a.unknown == b.unknown && a.trouble == b.trouble
        && a.notSeen == b.notSeen && a.notSeenCount == b.notSeenCount;
}

// Missing rows of an older, shorter list are as empty ones.
template <class T> const T &rowOf(const Paged<T> &rows, std::size_t i)
{
    static const T none{};
    return i < rows.size() ? rows.at(i) : none;
}

const std::vector<RuleWatch> &watchesOf(const Snapshot &snapshot)
{
    static const std::vector<RuleWatch> none;
    return snapshot.watches ? *snapshot.watches : none;
}

Error broken()
{
    return {SG_TR("the evaluator sent a snapshot that cannot be understood"), {}, {}};
}

}

void SnapshotWriter::begin(std::shared_ptr<const Snapshot> next, std::uint64_t workspaceNumber)
{
    m_next = std::move(next);
    m_workspaceNumber = workspaceNumber;
    // Rules that are not in effect any more stay known until there are too many of them; then all is said again.
    if (m_rules.size() > 2 * watchesOf(*m_next).size() + 10'000) {
        m_rules.clear();
        m_sent = std::make_shared<Snapshot>();
        m_sentSources.clear();
        m_sentTroubles.clear();
        m_isAfresh = true;
    }
    m_ranges.clear();
    const auto note = [this](Rows rows) {
        return [this, rows](std::size_t begin, std::size_t end) { m_ranges.push_back({rows, begin, end}); };
    };
    m_next->texts.changedSince(m_sent->texts, note(Rows::Texts));
    m_next->series.changedSince(m_sent->series, note(Rows::Series));
    if (m_next->watches != m_sent->watches)
        note(Rows::Watches)(0, watchesOf(*m_next).size());
    m_next->alarms.changedSince(m_sent->alarms, note(Rows::Alarms));
}

SnapshotWriter::Piece SnapshotWriter::write()
{
    ByteWriter out;
    if (std::exchange(m_isAfresh, false))
        out.choice(Entry::Afresh);
    while (!m_ranges.empty()) {
        Range &range = m_ranges.front();
        while (range.begin < range.end && out.size() < PartBytes)
            writeRow(out, range.rows, range.begin++);
        if (range.begin == range.end)
            m_ranges.pop_front();
        if (out.size() >= PartBytes)
            break;
    }
    if (out.size() > 0)
        return {false, out.take()};
    Piece piece{true, root()};
    m_sent = std::exchange(m_next, nullptr);
    return piece;
}

void SnapshotWriter::writeRow(ByteWriter &out, Rows rows, std::size_t i)
{
    switch (rows) {
    case Rows::Series:
        writeSeries(out, i);
        break;
    case Rows::Alarms:
        writeAlarm(out, i);
        break;
    case Rows::Watches:
        writeWatch(out, i);
        break;
    case Rows::Texts:
        if (const auto &text = m_next->texts.at(i); text && text != rowOf(m_sent->texts, i)) {
            out.choice(Entry::Text);
            out.number(i);
            out.text(*text);
        }
        break;
    }
}

void SnapshotWriter::writeSeries(ByteWriter &out, std::size_t i)
{
    const SeriesRow &row = m_next->series.at(i), &sent = rowOf(m_sent->series, i);
    if (isSame(row, sent))
        return;
    const auto &[path, tag, kind, t, arrived, value, text, quality, view] = row;
    out.choice(Entry::Series);
    out.number(i);
    std::uint8_t flags = 0;
    if (!path)
        flags = IsEmpty;
    else if (!isSameName(row, sent))
        flags = HasName | (tag ? HasTag : 0);
    if (text)
        flags = static_cast<std::uint8_t>(flags | (text == sent.text ? SameText : HasText));
    out.byte(flags);
    if (!path)
        return;
    if ((flags & HasName) != 0) {
        out.text(*path);
        out.choice(kind);
        WireOut io(out);
        if (tag)
            pass(io, *tag);
    }
    out.time(t);
    out.time(arrived);
    out.real(value);
    out.choice(quality);
    if ((flags & HasText) != 0)
        out.text(*text);
    const auto extent = extentOf(view);
    out.time(extent ? extent->first : NoTime);
}

std::uint64_t SnapshotWriter::numberOf(const std::shared_ptr<const Rule> &rule, ByteWriter &out)
{
    const auto [place, isNew] = m_rules.try_emplace(rule.get(), m_rules.size(), rule);
    if (isNew) {
        out.choice(Entry::Rule);
        WireOut io(out);
        pass(io, *rule);
    }
    return place->second.first;
}

void SnapshotWriter::writeAlarm(ByteWriter &out, std::size_t i)
{
    const AlarmView &alarm = m_next->alarms.at(i).alarm, &sent = rowOf(m_sent->alarms, i).alarm;
    if (!alarm.rule) {
        if (sent.rule) {
            out.choice(Entry::Alarm);
            out.number(i);
            out.flag(false);
        }
        return;
    }
    const std::string bytes = bytesOf(alarm);
    if (sent.rule == alarm.rule && bytesOf(sent) == bytes)
        return;
    const std::uint64_t rule = numberOf(alarm.rule, out);
    out.choice(Entry::Alarm);
    out.number(i);
    out.flag(true);
    out.number(rule);
    out.raw(bytes);
}

void SnapshotWriter::writeWatch(ByteWriter &out, std::size_t i)
{
    const RuleWatch &watch = watchesOf(*m_next)[i];
    if (i < watchesOf(*m_sent).size() && isSame(watch, watchesOf(*m_sent)[i]))
        return;
    const std::uint64_t number = numberOf(watch.rule, out);
    out.choice(Entry::Watch);
    out.number(i);
    out.number(number);
    WireOut io(out);
    pass(io, watch);
}

std::string SnapshotWriter::root()
{
    const auto &[version, reference, made, series, alarms, texts, sources, watches, staged, floods, troubles, journalSeq, commits,
                 watchedSince, notWatchedFrom, isDemo, isLost]
        = *m_next;
    ByteWriter out;
    out.number(version);
    out.time(reference);
    out.mono(made);
    out.number(journalSeq);
    out.number(commits);
    out.time(watchedSince);
    out.time(notWatchedFrom);
    out.flag(isDemo);
    out.flag(isLost);
    out.number(m_workspaceNumber);
    out.number(watchesOf(*m_next).size());
    // What seldom changes is said when it does.
    const auto block = [&out](std::string bytes, std::string &sent) {
        out.flag(bytes != sent);
        if (bytes == sent)
            return;
        out.raw(bytes);
        sent = std::move(bytes);
    };
    ByteWriter bytes;
    WireOut io(bytes);
    io.list(sources, 1, [&io](const SourceRow &source) { pass(io, source); });
    block(bytes.take(), m_sentSources);
    pass(io, staged);
    io.list(floods, 4, [&io](const Flood &flood) { pass(io, flood); });
    pass(io, troubles);
    block(bytes.take(), m_sentTroubles);
    return out.take();
}

std::optional<std::uint32_t> StableNumbers::of(std::uint64_t theirs) const
{
    if (theirs >= m_byTheirs.size() || m_byTheirs[theirs] == None)
        return std::nullopt;
    return m_byTheirs[theirs];
}

std::optional<std::uint32_t> StableNumbers::name(std::uint64_t theirs, const std::string &name)
{
    if (theirs >= MostRows || (m_byName.size() >= MostRows && !m_byName.contains(name)))
        return std::nullopt;
    if (theirs >= m_byTheirs.size())
        m_byTheirs.resize(theirs + 1, None);
    return m_byTheirs[theirs] = m_byName.try_emplace(name, static_cast<std::uint32_t>(m_byName.size())).first->second;
}

void StableNumbers::forget(std::uint64_t theirs)
{
    if (theirs < m_byTheirs.size())
        m_byTheirs[theirs] = None;
}

std::vector<bool> StableNumbers::seen() const
{
    std::vector<bool> out(m_byName.size());
    for (const std::uint32_t ours : m_byTheirs)
        if (ours != None)
            out[ours] = true;
    return out;
}

void SnapshotReader::startAfresh()
{
    m_rules.clear();
    m_series.startAfresh();
    m_alarms.startAfresh();
    m_watches.clear();
    m_next.texts = {};
    m_isAfresh = m_watchesChanged = true;
}

Result<Done> SnapshotReader::takePart(std::string_view body)
{
    ByteReader in(body);
    while (in.isGood() && !in.isAtEnd()) {
        switch (in.choice(Entry::Watch)) {
        case Entry::Afresh:
            startAfresh();
            break;
        case Entry::Rule:
            readRule(in);
            break;
        case Entry::Series:
            readSeries(in);
            break;
        case Entry::Alarm:
            readAlarm(in);
            break;
        case Entry::Text:
            readText(in);
            break;
        case Entry::Watch:
            readWatch(in);
            break;
        }
    }
    return in.isGood() ? Result<Done>(Done()) : broken();
}

void SnapshotReader::readRule(ByteReader &in)
{
    auto rule = std::make_shared<Rule>();
    WireIn io(in);
    pass(io, *rule);
    if (m_rules.size() >= MostRows)
        in.fail();
    if (!in.isGood())
        return;
    std::shared_ptr<const Rule> own = m_find ? m_find(*rule) : nullptr;
    m_rules.push_back(own ? std::move(own) : std::move(rule));
}

std::shared_ptr<const Rule> SnapshotReader::ruleOf(ByteReader &in)
{
    const std::uint64_t number = in.number();
    if (number < m_rules.size())
        return m_rules[number];
    in.fail();
    return nullptr;
}

void SnapshotReader::readSeries(ByteReader &in)
{
    const std::uint64_t theirs = in.number();
    const std::uint8_t flags = in.byte();
    if ((flags & IsEmpty) != 0) {
        if (const auto ours = m_series.of(theirs))
            m_next.series.set(*ours, {}, m_pageVersion);
        m_series.forget(theirs);
        return;
    }
    SeriesRow row;
    std::optional<std::uint32_t> ours;
    if ((flags & HasName) != 0) {
        const std::string path = in.text();
        row.kind = in.choice(ValueKind::Document);
        if ((flags & HasTag) != 0) {
            auto tag = std::make_shared<Tag>();
            WireIn io(in);
            pass(io, *tag);
            row.tag = std::move(tag);
        }
        if (in.isGood() && !path.empty())
            ours = m_series.name(theirs, path);
        row.path = std::make_shared<const std::string>(path);
    } else {
        ours = m_series.of(theirs);
        if (ours)
            row = m_next.series.at(*ours);
    }
    if (!ours) {
        in.fail();
        return;
    }
    row.t = in.time();
    row.arrived = in.time();
    row.value = in.real();
    row.quality = in.choice(Quality::Bad);
    if ((flags & HasText) != 0)
        row.text = std::make_shared<const std::string>(in.text());
    else if ((flags & SameText) == 0)
        row.text = nullptr;
    const Time oldest = in.time();
    if (!in.isGood())
        return;
    row.view.far = m_far(static_cast<std::uint32_t>(theirs), {row.t, row.value, row.quality}, oldest);
    m_next.series.set(*ours, std::move(row), m_pageVersion);
}

void SnapshotReader::readAlarm(ByteReader &in)
{
    const std::uint64_t theirs = in.number();
    if (!in.flag()) {
        if (const auto ours = m_alarms.of(theirs))
            m_next.alarms.set(*ours, {}, m_pageVersion);
        m_alarms.forget(theirs);
        return;
    }
    AlarmRow row;
    row.alarm.rule = ruleOf(in);
    WireIn io(in);
    pass(io, row.alarm);
    if (!in.isGood())
        return;
    const std::string name = row.alarm.rule->id + '\0' + row.alarm.key + '\0' + row.alarm.field;
    if (const auto ours = m_alarms.name(theirs, name))
        m_next.alarms.set(*ours, std::move(row), m_pageVersion);
    else
        in.fail();
}

void SnapshotReader::readText(ByteReader &in)
{
    const std::uint64_t code = in.number();
    std::string text = in.text();
    if (code > m_next.texts.size() || code >= MostRows)
        in.fail();
    else if (in.isGood())
        m_next.texts.set(code, std::make_shared<const std::string>(std::move(text)), m_pageVersion);
}

void SnapshotReader::readWatch(ByteReader &in)
{
    const std::uint64_t number = in.number();
    RuleWatch watch;
    watch.rule = ruleOf(in);
    WireIn io(in);
    pass(io, watch);
    if (number > m_watches.size() || number >= MostRows)
        in.fail();
    if (!in.isGood())
        return;
    if (number == m_watches.size())
        m_watches.emplace_back();
    m_watches[number] = std::move(watch);
    m_watchesChanged = true;
}

Result<std::shared_ptr<Snapshot>> SnapshotReader::takeRoot(std::string_view body)
{
    ByteReader in(body);
    m_next.version = in.number();
    m_next.reference = in.time();
    m_next.made = std::min(in.mono(), Mono::clock::now());
    m_next.journalSeq = in.number();
    m_next.commits = in.number();
    m_next.watchedSince = in.time();
    m_next.notWatchedFrom = in.time();
    m_next.isDemo = in.flag();
    m_next.isLost = in.flag();
    m_workspaceNumber = in.number();
    const std::size_t watches = static_cast<std::size_t>(in.numberUpTo(m_watches.size()));
    WireIn io(in);
    if (in.flag())
        io.list(m_next.sources, 20, [&io](SourceRow &source) { pass(io, source); });
    if (in.flag()) {
        pass(io, m_next.staged);
        io.list(m_next.floods, 12, [&io](Flood &flood) { pass(io, flood); });
        pass(io, m_next.troubles);
    }
    if (!in.isGood() || !in.isAtEnd())
        return broken();
    if (watches < m_watches.size()) {
        m_watches.resize(watches);
        m_watchesChanged = true;
    }
    if (m_watchesChanged || !m_next.watches)
        m_next.watches = std::make_shared<const std::vector<RuleWatch>>(m_watches);
    m_watchesChanged = false;
    if (std::exchange(m_isAfresh, false)) { // what it did not name is not there any more
        const std::vector<bool> series = m_series.seen(), alarms = m_alarms.seen();
        for (std::size_t i = 0; i < m_next.series.size(); ++i)
            if (!series[i] && m_next.series.at(i).path)
                m_next.series.set(i, {}, m_pageVersion);
        for (std::size_t i = 0; i < m_next.alarms.size(); ++i)
            if (!alarms[i] && m_next.alarms.at(i).alarm.rule)
                m_next.alarms.set(i, {}, m_pageVersion);
    }
    ++m_pageVersion; // the pages are the readers' now
    return std::make_shared<Snapshot>(m_next);
}

}
