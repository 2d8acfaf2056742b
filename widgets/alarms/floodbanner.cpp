#include "widgets/alarms/floodbanner.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/alarms/onelinelabel.h"

#include <QHBoxLayout>
#include <QToolButton>

namespace sg {

namespace {

constexpr Micros Window = std::chrono::minutes(10); // that a flood is counted in
constexpr std::size_t MostContributors = 3;

// The rules that most alarms of the flood are of, by their ids, those with chattering ones first. One that is raised again and again
// counts once, as chattering.
QString contributors(const Snapshot &snapshot, const std::string &area)
{
    struct Of
    {
        int alarms = 0, chattering = 0;
    };
    std::map<const Rule *, Of> counts;
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i) {
        const auto &alarm = snapshot.alarms.at(i).alarm;
        if (!alarm.rule || alarm.area != area || alarm.regions.detected == NoTime || alarm.regions.detected <= snapshot.reference - Window)
            continue;
        auto &of = counts[alarm.rule.get()];
        ++of.alarms;
        of.chattering += alarm.isChattering ? 1 : 0;
    }
    std::vector<std::pair<const Rule *, Of>> most(counts.begin(), counts.end());
    std::sort(most.begin(), most.end(), [](const auto &a, const auto &b) {
        const auto weight = [](const Of &of) { return std::pair(of.chattering, of.alarms); };
        return weight(a.second) != weight(b.second) ? weight(a.second) > weight(b.second) : a.first->id < b.first->id;
    });
    most.resize(std::min(most.size(), MostContributors));
    QStringList out;
    for (const auto &[rule, of] : most)
        out << QStringLiteral("%1 %2").arg(textOf(rule->id)).arg(of.alarms)
                + (of.chattering == 0 ? QString() : QStringLiteral(" (") + FloodBanner::tr("%1 chattering").arg(of.chattering) + u')');
    return out.isEmpty() ? QString() : FloodBanner::tr("alarms of these 10 min: %1").arg(out.join(QStringLiteral(", ")));
}

// The name of the alarm whose path the engine noted; of one that is gone the path.
QString nameOf(const std::string &path, const Snapshot &snapshot, const Workspace &workspace)
{
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        if (const auto &alarm = snapshot.alarms.at(i).alarm; alarm.rule && alarm.path == path)
            return filledIn(alarm.rule->name, alarm, workspace);
    return textOf(path);
}

}

FloodBanner::FloodBanner(SnapshotFeed &feed, const QString &area, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_area(utf8Of(area))
    , m_text(new OneLineLabel(this))
    , m_firstOut(new QToolButton(this))
{
    setObjectName(QStringLiteral("floodBanner"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Button);
    m_text->setObjectName(QStringLiteral("floodText"));
    m_firstOut->setObjectName(QStringLiteral("floodFirstOut"));
    m_firstOut->setText(tr("Show the first"));
    m_firstOut->setToolTip(tr("Selects the alarm that this flood began with"));
    m_firstOut->setFocusPolicy(Qt::StrongFocus);
    auto bold = m_text->font();
    bold.setBold(true);
    m_text->setFont(bold);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 0, 2, 0);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_firstOut);
    connect(m_firstOut, &QToolButton::clicked, this, [this] { Q_EMIT firstOutWanted(m_path); });
    hide();
}

int FloodBanner::lineHeight() const
{
    return std::max(m_firstOut->sizeHint().height(), fontMetrics().height() + 6);
}

void FloodBanner::refresh()
{
    const auto &snapshot = *m_feed.current();
    QStringList lines;
    m_path.clear();
    for (const auto &flood : snapshot.floods) {
        if (!m_area.empty() && flood.area != m_area)
            continue;
        if (m_path.isEmpty())
            m_path = textOf(flood.firstOut);
        auto line = tr("ALARM FLOOD %1: %2 raises in 10 min (peak %3), since %4 · first: %5")
                        .arg(flood.area.empty() ? tr("(no area)") : textOf(flood.area))
                        .arg(flood.count)
                        .arg(flood.peak)
                        .arg(clockText(flood.since), nameOf(flood.firstOut, snapshot, *m_feed.workspace()));
        if (const auto most = contributors(snapshot, flood.area); !most.isEmpty())
            line += QStringLiteral(" · ") + most;
        lines << line;
    }
    m_text->setText(lines.join(u'\n'));
    m_isFlood = !lines.isEmpty();
}

}
