#include "items/rulesentence.h"

#include "alarms/condition.h"
#include "alarms/measure.h"
#include "core/fields.h"
#include "core/text.h"
#include "core/times.h"
#include "items/texts.h"

#include <QCoreApplication>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::RuleSentence)
};

constexpr QChar NoBreak(0x00A0); // between a number and its unit
constexpr qsizetype LongestPart = 120; // of what a file says

QString part(const std::string &text)
{
    if (text.empty())
        return QStringLiteral("…");
    const auto out = textOf(text);
    return out.size() > LongestPart ? out.left(LongestPart) + u'…' : out;
}

QString part(const Node &node)
{
    return node.kind == Node::Kind::Scalar ? part(node.scalar) : QStringLiteral("…");
}

// "5s" -> "5 s"; what is no duration stands as it is.
QString span(const Node &node)
{
    auto text = part(node);
    if (node.kind == Node::Kind::Scalar && parseDuration(node.scalar)) {
        const auto unit = std::find_if(text.begin(), text.end(), [](QChar c) { return c.isLetter(); });
        text.insert(unit - text.begin(), NoBreak);
    }
    return text;
}

bool isSpan(const Node &node)
{
    const auto duration = node.kind == Node::Kind::Scalar ? parseDuration(node.scalar) : Result<Micros>(Error());
    return duration && duration->count() > 0;
}

// "a", "a or b", "a, b or c".
QString either(const QStringList &texts)
{
    if (texts.isEmpty())
        return QStringLiteral("…");
    auto out = texts.front();
    for (qsizetype i = 1; i < texts.size(); ++i)
        out = i + 1 < texts.size() ? Words::tr("%1, %2").arg(out, texts[i]) : Words::tr("%1 or %2").arg(out, texts[i]);
    return out;
}

QStringList partsOf(const Node &node)
{
    constexpr std::size_t Most = 12;
    QStringList out;
    const auto texts = readTexts(node);
    for (std::size_t i = 0; i < texts.size() && i < Most; ++i)
        out << part(texts[i]);
    if (texts.size() > Most)
        out << QStringLiteral("…");
    return out;
}

// Sources are often named by what many of them are: one of `pumps` is a pump. An id in another form stays as it is.
QString oneOf(const QString &source)
{
    if (source.size() > 3 && source.endsWith(u's') && !source.endsWith(QStringLiteral("ss")))
        return source.left(source.size() - 1);
    return source;
}

QString wordOf(const std::string &segment)
{
    return part(decodeSegment(segment)).replace(u'_', u' ');
}

class Sentence
{
public:
    Sentence(const Node &item, const SentenceSubject &subject)
        : m_item(item)
        , m_subject(subject)
    {
        for (const auto &kind : conditionKinds())
            for (const auto &field : kind.fields)
                if (m_kind.empty() && item.has(field.key))
                    m_kind = kind.name;
        for (const auto &kind : measureKinds())
            if (m_measure.empty() && item.has(kind.name))
                m_measure = kind.name;
        if (const auto selector = Selector::parse(item.text("series")))
            m_series = *selector;
    }

    QString whole() const
    {
        auto raised = Words::tr("When %1, an alarm of %2 priority is raised%3.").arg(condition(), priority(), grouped());
        const auto audience = m_item.text("audience");
        if (audience == "engineer")
            raised = Words::tr("When %1, an alarm of %2 priority is raised for engineers%3.").arg(condition(), priority(), grouped());
        else if (audience == "event")
            raised = Words::tr("When %1, an event is recorded%2; nothing sounds.").arg(condition(), grouped());
        QStringList out{raised};
        out << clearing() << staying() << silence();
        if (m_item.text("enabled") == "false")
            out << Words::tr("The rule is disabled: nothing of it is evaluated now.");
        out.removeAll(QString());
        return out.join(u' ');
    }

private:
    QString priority() const
    {
        QStringList own; // of levels that have one of their own
        for (const auto *level : {"low_low", "low", "high", "high_high"})
            if (m_kind == "levels" && m_item.has(level) && m_item[level].has("priority"))
                own << part(m_item[level].text("priority"));
        QStringList all;
        if (own.size() < levelCount() || own.isEmpty())
            all << part(m_item.text("priority"));
        all << own;
        all.removeDuplicates();
        return either(all);
    }

    qsizetype levelCount() const
    {
        qsizetype count = 0;
        for (const auto *level : {"low_low", "low", "high", "high_high"})
            count += m_item.has(level) ? 1 : 0;
        return count;
    }

    QString grouped() const
    {
        if (!m_item.has("per"))
            return {};
        const auto labels = partsOf(m_item["per"]);
        return labels.isEmpty() ? Words::tr(", one for all together")
                                : Words::tr(", one for each %1").arg(labels.join(QStringLiteral(" / ")));
    }

    // "press", "press L1 / P-07", "press with line L1", and what only and except say.
    QString thing() const
    {
        if (!m_series)
            return QStringLiteral("…");
        const auto &segments = m_series->segments();
        const auto isAny = [](const std::string &segment) { return segment == "*" || segment.starts_with('{'); };
        const auto last = m_series->isOpenEnded() ? segments.size() : segments.size() - 1; // the field is no label
        QStringList values, named;
        auto isFixed = !m_series->isOpenEnded() || last == m_subject.labels.size() + 1;
        for (std::size_t i = 1; i < last; ++i) {
            if (isAny(segments[i])) {
                isFixed = false;
                continue;
            }
            values << part(decodeSegment(segments[i]));
            named << (i - 1 < m_subject.labels.size() ? Words::tr("%1 %2").arg(part(m_subject.labels[i - 1]), values.back())
                                                      : values.back());
        }
        auto out = oneOf(part(decodeSegment(segments.front())));
        if (isFixed && !values.isEmpty())
            return Words::tr("%1 %2").arg(out, values.join(QStringLiteral(" / ")));
        for (const auto &[label, texts] : m_item["only"].map)
            named << Words::tr("%1 %2").arg(part(label), either(partsOf(texts)));
        if (!named.isEmpty())
            out = Words::tr("%1 of %2").arg(out, named.join(QStringLiteral(", ")));
        QStringList without;
        for (const auto &[label, texts] : m_item["except"].map)
            without << Words::tr("%1 %2").arg(part(label), either(partsOf(texts)));
        if (!without.isEmpty())
            out = Words::tr("%1 except %2").arg(out, without.join(QStringLiteral(", ")));
        return out;
    }

    bool isOne() const
    {
        return m_series && m_series->isExact() && (!m_series->isOpenEnded() || m_series->segments().size() > m_subject.labels.size());
    }
    QString each() const { return isOne() ? thing() : Words::tr("each %1").arg(thing()); }
    QString one() const { return isOne() ? thing() : Words::tr("one %1").arg(thing()); }

    // "oil pressure of each press".
    QString value() const
    {
        if (m_measure == "lag")
            return {};
        if (!m_series)
            return QStringLiteral("…");
        if (!m_subject.name.isEmpty() && isOne())
            return m_subject.name;
        if (m_series->isOpenEnded() || m_series->segments().size() < 2 || m_series->segments().back() == "*")
            return Words::tr("every value of %1").arg(each());
        return Words::tr("%1 of %2").arg(wordOf(m_series->segments().back()), each());
    }

    // Another series: its field and, where it is not the subject's own, where.
    QString other(const Node &selector) const
    {
        const auto parsed = selector.kind == Node::Kind::Scalar ? Selector::parse(selector.scalar) : Result<Selector>(Error());
        if (!parsed || parsed->segments().size() < 2)
            return part(selector);
        return Words::tr("%1 (%2)").arg(wordOf(parsed->segments().back()), part(selector));
    }

    QString measured() const
    {
        const auto &node = m_item[m_measure];
        const auto over = span(node["over"]);
        if (m_measure == "window") {
            const auto take = node.text("take");
            const auto pattern = take == "avg" ? Words::tr("the average of %1 over %2")
                : take == "twa"                ? Words::tr("the average by time of %1 over %2")
                : take == "min"                ? Words::tr("the lowest %1 in %2")
                : take == "max"                ? Words::tr("the highest %1 in %2")
                : take == "sum"                ? Words::tr("the sum of %1 over %2")
                : take == "count"              ? Words::tr("the number of values of %1 in %2")
                : take == "rate"               ? Words::tr("the increase a second of %1 over %2")
                : take == "stddev"             ? Words::tr("the standard deviation of %1 over %2")
                : take == "last"               ? Words::tr("the last %1 of %2")
                                               : Words::tr("the %3 of %1 over %2");
            return pattern.contains(QStringLiteral("%3")) ? pattern.arg(value(), over, part(take)) : pattern.arg(value(), over);
        }
        if (m_measure == "rate_of_change")
            return Words::tr("the change of %1 over %2").arg(value(), over);
        if (m_measure == "deviation")
            return (node.text("in") == "signed" ? Words::tr("the difference of %1 less %2") : Words::tr("the distance of %1 from %2"))
                .arg(value(), other(node["from"]));
        if (m_measure == "ratio")
            return Words::tr("the sum of %1 divided by the sum of %2, over %3,").arg(value(), other(node["to"]), over);
        if (m_measure == "count") {
            const auto what = node.has("equals") ? Words::tr("is %1").arg(either(partsOf(node["equals"])))
                : node.has("above")              ? Words::tr("is above %1").arg(quantity(node["above"], m_subject.unit))
                                                 : Words::tr("is below %1").arg(quantity(node["below"], m_subject.unit));
            return (node.text("of") == "samples" ? Words::tr("the number of values in %3 at which %1 %2")
                                                 : Words::tr("how often in %3 it begins that %1 %2,"))
                .arg(value(), what, over);
        }
        if (m_measure == "quality")
            return Words::tr("the share of bad values (%1) of %2 in %3")
                .arg(partsOf(node["share"]).join(QStringLiteral(", ")), each(), over);
        if (m_measure == "lag")
            return (node.text("in") == "messages" ? Words::tr("the number of unread messages of group %1 on topic %2")
                                                  : Words::tr("the age of the oldest unread message of group %1 on topic %2"))
                .arg(part(node["group"]), either(partsOf(node["topics"])));
        return value();
    }

    // The unit of what is judged, which a measure may change.
    QString unit() const
    {
        const auto &node = m_item[m_measure];
        if (m_measure == "rate_of_change") {
            const auto per = span(node["per"]);
            return m_subject.unit.isEmpty() ? Words::tr("per %1").arg(per) : Words::tr("%1 per %2").arg(m_subject.unit, per);
        }
        if (m_measure == "deviation" && node.text("in") == "percent")
            return QStringLiteral("%");
        if (m_measure == "window")
            return node.text("take") == "count"                            ? QString()
                : node.text("take") == "rate" && !m_subject.unit.isEmpty() ? Words::tr("%1 a second").arg(m_subject.unit)
                                                                           : m_subject.unit;
        if (m_measure == "lag")
            return node.text("in") == "messages" ? QString() : QStringLiteral("s");
        return m_measure.empty() || m_measure == "deviation" ? m_subject.unit : QString();
    }

    // "3.5 bar", "5 min", "1%", "the value of max pressure (press/{line}/max)".
    QString quantity(const Node &node, const QString &unit) const
    {
        if (node.has("series"))
            return other(node["series"]);
        if (node.kind != Node::Kind::Scalar || node.scalar.empty())
            return QStringLiteral("…");
        if (!parseNumber(node.scalar))
            return span(node);
        return unit.isEmpty() ? part(node) : part(node) + NoBreak + unit;
    }

    // Behind a condition: " for 5 s".
    QString lasting(const QString &what, const Node &delay) const
    {
        return isSpan(delay) ? Words::tr("%1 for %2").arg(what, span(delay)) : what;
    }
    const Node &delayOf(const Node &level, const char *key) const { return level.has(key) ? level[key] : m_item[key]; }

    QString levels() const
    {
        QStringList tests;
        for (const auto *level : {"high", "high_high", "low", "low_low"}) {
            const auto &node = m_item[level];
            if (node.isMissing())
                continue;
            const auto limit = quantity(node["limit"], unit());
            const auto isUpper = level[0] == 'h';
            const auto test = tests.isEmpty() ? (isUpper ? Words::tr("is above %1") : Words::tr("is below %1"))
                                              : (isUpper ? Words::tr("above %1") : Words::tr("below %1"));
            auto text = lasting(test.arg(limit), delayOf(node, "on_delay"));
            if (node.has("priority") && levelCount() > 1)
                text = Words::tr("%1 (%2)").arg(text, part(node["priority"]));
            tests << text;
        }
        return Words::tr("%1 %2").arg(measured(), either(tests));
    }

    QString stateChange() const
    {
        const auto &node = m_item["state_change"];
        if (node.has("stuck"))
            return Words::tr("%1 does not change for %2").arg(value(), span(node["stuck"]));
        if (node.has("toggles"))
            return Words::tr("%1 changes %2 times within %3").arg(value(), part(node["toggles"]), span(node["over"]));
        if (node.has("illegal")) {
            QStringList bad;
            for (const auto &[from, to] : node["illegal"].map)
                bad << Words::tr("from %1 to %2").arg(part(from), either(partsOf(to)));
            return Words::tr("%1 changes in a way that must not be: %2").arg(value(), either(bad));
        }
        const auto from = either(partsOf(node["from"])), to = either(partsOf(node["to"]));
        if (node.has("from") && node.has("to"))
            return Words::tr("%1 changes from %2 to %3").arg(value(), from, to);
        if (node.has("from"))
            return Words::tr("%1 changes from %2 to anything else").arg(value(), from);
        return node.has("to") ? Words::tr("%1 changes to %2").arg(value(), to) : Words::tr("%1 changes").arg(value());
    }

    QString condition() const
    {
        if (m_kind == "levels")
            return levels();
        if (m_kind == "equals" || m_kind == "not_equals") {
            const auto values = either(partsOf(m_item[m_kind]));
            return lasting((m_kind == "equals" ? Words::tr("%1 is %2") : Words::tr("%1 is anything but %2")).arg(value(), values),
                           m_item["on_delay"]);
        }
        if (m_kind == "absence")
            return Words::tr("%1 sends nothing for %2").arg(one(), span(m_item["absence"]["timeout"]));
        if (m_kind == "freshness")
            return Words::tr("the newest data of %1 is older than %2").arg(each(), span(m_item["freshness"]["older_than"]));
        if (m_kind == "state_change")
            return stateChange();
        if (m_kind == "when") {
            const auto said = m_item.has("series") ? Words::tr("%1 is true of %2").arg(part(m_item["when"]), value())
                                                   : Words::tr("%1 is true").arg(part(m_item["when"]));
            return lasting(said, m_item["on_delay"]);
        }
        return Words::tr("%1 …").arg(measured());
    }

    // When it is over, where that is not simply when the condition is.
    QString clearing() const
    {
        if (m_kind != "levels" && m_kind != "equals" && m_kind != "not_equals" && m_kind != "when")
            return {};
        QStringList bands, delays;
        const auto add = [](QStringList &to, const Node &node, const QString &text) {
            if (!node.isMissing() && node.scalar != "0")
                to << text;
        };
        if (m_kind == "levels") {
            for (const auto *level : {"high", "high_high", "low", "low_low"}) {
                if (!m_item.has(level))
                    continue;
                const auto &band = delayOf(m_item[level], "deadband");
                const auto isShare = band.scalar.ends_with('%');
                add(bands, band, isShare ? Words::tr("%1 of the range").arg(part(band)) : quantity(band, unit()));
                if (const auto &delay = delayOf(m_item[level], "off_delay"); isSpan(delay))
                    delays << span(delay);
            }
            bands.removeDuplicates();
            delays.removeDuplicates();
        } else if (isSpan(m_item["off_delay"])) {
            delays << span(m_item["off_delay"]);
        }
        if (!bands.isEmpty() && !delays.isEmpty())
            return Words::tr("It clears when the value is back by %1 for %2.").arg(either(bands), either(delays));
        if (!bands.isEmpty())
            return Words::tr("It clears when the value is back by %1.").arg(either(bands));
        return delays.isEmpty() ? QString() : Words::tr("It clears when that is over for %1.").arg(either(delays));
    }

    QString staying() const
    {
        const auto latch = m_item.text("latch");
        return latch == "until_ack"  ? Words::tr("It stays until somebody acknowledges it.")
            : latch == "until_reset" ? Words::tr("It stays until somebody resets it.")
                                     : QString();
    }

    QString silence() const
    {
        QStringList out;
        if (const auto &when = m_item["suppress_when"]; when.kind == Node::Kind::Map) {
            if (when.has("rule"))
                out << Words::tr("It is silent while the alarm of %1 is active.").arg(part(when["rule"]));
            else if (when.has("not_equals"))
                out << Words::tr("It is silent while %1 is anything but %2.")
                           .arg(other(when["series"]), either(partsOf(when["not_equals"])));
            else
                out << Words::tr("It is silent while %1 is %2.").arg(other(when["series"]), either(partsOf(when["equals"])));
        }
        if (const auto &hours = m_item["hours"]; hours.kind == Node::Kind::Map) {
            const auto days = hours.has("days") ? partsOf(hours["days"]).join(QStringLiteral(", ")) : Words::tr("every day");
            out << Words::tr("It is silent outside of its hours: %1, %2 to %3.")
                       .arg(days, hours.has("from") ? part(hours["from"]) : QStringLiteral("00:00"),
                            hours.has("to") ? part(hours["to"]) : QStringLiteral("24:00"));
        }
        return out.join(u' ');
    }

    const Node &m_item;
    const SentenceSubject &m_subject;
    std::string m_kind, m_measure; // as the item says them, or nothing
    std::optional<Selector> m_series;
};

}

QString ruleSentence(const Node &item, const SentenceSubject &subject)
{
    return Sentence(item, subject).whole();
}

}
