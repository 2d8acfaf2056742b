#include "widgets/alarms/floodbanner.h"

#include "items/texts.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace sg {

namespace {

constexpr Micros Window = std::chrono::minutes(10); // that a flood is counted in
constexpr std::size_t MostContributors = 3;

// The rules whose alarms came most often of late, by their ids.
QString contributors(const Snapshot &snapshot, const std::string &area)
{
    std::map<const Rule *, std::uint32_t> counts;
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i) {
        const auto &alarm = snapshot.alarms.at(i).alarm;
        if (alarm.rule && alarm.area == area && alarm.regions.detected != NoTime && alarm.regions.detected > snapshot.reference - Window)
            counts[alarm.rule.get()] += std::max(1U, alarm.raisesInMinute);
    }
    std::vector<std::pair<const Rule *, std::uint32_t>> most(counts.begin(), counts.end());
    std::sort(most.begin(), most.end(),
              [](const auto &a, const auto &b) { return a.second != b.second ? a.second > b.second : a.first->id < b.first->id; });
    most.resize(std::min(most.size(), MostContributors));
    QStringList out;
    for (const auto &[rule, count] : most)
        out << QStringLiteral("%1 ×%2").arg(textOf(rule->id)).arg(count);
    return out.join(QStringLiteral(", "));
}

}

FloodBanner::FloodBanner(SnapshotFeed &feed, const QString &area, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_area(utf8Of(area))
    , m_text(new QLabel(this))
    , m_firstOut(new QPushButton(tr("Show the first"), this))
{
    setObjectName(QStringLiteral("floodBanner"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Button);
    m_text->setObjectName(QStringLiteral("floodText"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_firstOut->setObjectName(QStringLiteral("floodFirstOut"));
    auto bold = m_text->font();
    bold.setBold(true);
    m_text->setFont(bold);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 2, 4, 2);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_firstOut);
    connect(m_firstOut, &QPushButton::clicked, this, [this] { Q_EMIT firstOutWanted(m_path); });
    hide();
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
        auto line = tr("ALARM FLOOD %1: %2 in 10 min (peak %3) since %4, first %5")
                        .arg(flood.area.empty() ? tr("(no area)") : textOf(flood.area))
                        .arg(flood.count)
                        .arg(flood.peak)
                        .arg(clockText(flood.since), textOf(flood.firstOut));
        if (const auto most = contributors(snapshot, flood.area); !most.isEmpty())
            line += tr("; most: %1").arg(most);
        lines << line;
    }
    m_text->setText(lines.join(u'\n'));
    m_text->setToolTip(m_text->text());
    setVisible(!lines.isEmpty());
}

}
