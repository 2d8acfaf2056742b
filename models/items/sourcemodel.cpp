#include "items/sourcemodel.h"

#include "items/texts.h"

#include <QLocale>

namespace sg {

SourceModel::SourceModel(SnapshotFeed &feed, QObject *parent)
    : QAbstractListModel(parent)
    , m_feed(feed)
{
    connect(&feed, &SnapshotFeed::changed, this, [this](const SnapshotPtr &, const SnapshotPtr &after) { take(after); });
    connect(&feed, &SnapshotFeed::second, this, [this] {
        if (!m_ids.empty()) // ages and countdowns
            Q_EMIT dataChanged(index(0), index(static_cast<int>(m_ids.size()) - 1));
    });
    take(feed.current());
}

void SourceModel::take(const SnapshotPtr &after)
{
    // Sources come and go rarely: the rows from the first difference on are replaced.
    std::size_t same = 0;
    while (same < m_ids.size() && same < after->sources.size() && m_ids[same] == after->sources[same].id)
        ++same;
    if (same < m_ids.size()) {
        beginRemoveRows({}, static_cast<int>(same), static_cast<int>(m_ids.size()) - 1);
        m_ids.resize(same);
        endRemoveRows();
    }
    if (same < after->sources.size()) {
        beginInsertRows({}, static_cast<int>(same), static_cast<int>(after->sources.size()) - 1);
        for (auto i = same; i < after->sources.size(); ++i)
            m_ids.push_back(after->sources[i].id);
        endInsertRows();
    }
}

const SourceRow *SourceModel::source(int row) const
{
    const auto &sources = m_feed.current()->sources;
    return row >= 0 && static_cast<std::size_t>(row) < std::min(m_ids.size(), sources.size()) ? &sources[static_cast<std::size_t>(row)]
                                                                                              : nullptr;
}

int SourceModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

bool SourceModel::isQuiet(const SourceRow &row) const
{
    const auto isConnected = row.status.state == SourceStatus::State::Live || row.status.state == SourceStatus::State::CatchingUp;
    return isConnected && (row.lastArrival == NoTime || m_feed.now() - row.lastArrival > std::chrono::seconds(30));
}

QString SourceModel::summary(const SourceRow &row) const
{
    // Not read on purpose: the sentence up to its colon says in which way, and the details have all of it.
    if (row.status.state == SourceStatus::State::Stopped && row.status.why)
        return errorText(*row.status.why).section(u':', 0, 0);
    QStringList out{statusText(row.status.state)};
    if (row.status.state == SourceStatus::State::Lost && row.status.nextTry) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*row.status.nextTry - Mono::clock::now()).count();
        out << (left > 0 ? tr("again in %1 s").arg(left) : tr("trying again"));
    }
    // A narrow cell cuts the end off: age and lag say more than bytes.
    out << rateText(row.status.messagesPerSecond);
    if (row.status.lag >= 0)
        out << tr("lag %1").arg(QLocale().toString(static_cast<qlonglong>(row.status.lag)));
    out << (row.lastArrival == NoTime ? tr("nothing yet") : tr("%1 old").arg(ageText(std::max(m_feed.now() - row.lastArrival, Micros(0)))));
    out << byteRateText(row.status.bytesPerSecond);
    if (row.status.queriesPerSecond > 0)
        out << tr("%1 queries/s").arg(QLocale().toString(row.status.queriesPerSecond, 'f', 1));
    return out.join(QStringLiteral(" · "));
}

QString SourceModel::details(const SourceRow &row) const
{
    const QLocale locale;
    QStringList out{tr("%1 (%2): %3").arg(textOf(row.id), textOf(row.kind), summary(row))};
    if (row.status.why)
        out << tr("Why: %1").arg(errorText(*row.status.why));
    if (row.lastArrival == NoTime && row.status.state == SourceStatus::State::Live)
        out << tr("Connected, and no message came yet.");
    else if (isQuiet(row))
        out << tr("Connected, 0 messages since %1; the newest record is %2 old.")
                   .arg(clockText(row.lastArrival), row.newest == NoTime ? tr("never") : ageText(m_feed.now() - row.newest));
    out << tr("%1 messages, %2 series, %3")
               .arg(locale.toString(static_cast<qulonglong>(row.status.messages)), locale.toString(static_cast<qulonglong>(row.series)),
                    byteRateText(row.status.bytesPerSecond));
    if (row.clockOffset.count() != 0)
        out << tr("Its server's clock is %1 ms off this machine's.")
                   .arg(locale.toString(static_cast<double>(row.clockOffset.count()) / 1000, 'f', 1));
    if (row.status.decodeErrors > 0) {
        out << tr("%1 messages could not be decoded.").arg(locale.toString(static_cast<qulonglong>(row.status.decodeErrors)));
        if (row.status.lastDecodeError)
            out << tr("Last: %1").arg(errorText(*row.status.lastDecodeError));
        if (!row.status.lastBadPayload.empty())
            out << tr("Payload: %1").arg(textOf(row.status.lastBadPayload));
    }
    for (const auto &note : row.status.notes)
        out << errorText(note);
    if (!row.isReplayable)
        out << tr("What comes while nobody watches cannot be read afterwards.");
    return out.join(u'\n');
}

QVariant SourceModel::data(const QModelIndex &index, int role) const
{
    const auto *row = index.isValid() ? source(index.row()) : nullptr;
    if (row == nullptr)
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case IdRole:
        return textOf(row->id);
    case StateRole:
        return static_cast<int>(row->status.state);
    case SummaryRole:
        return summary(*row);
    case Qt::ToolTipRole:
    case DetailsRole:
        return details(*row);
    case IsQuietRole:
        return isQuiet(*row);
    default:
        return {};
    }
}

QHash<int, QByteArray> SourceModel::roleNames() const
{
    return {{IdRole, "id"}, {StateRole, "state"}, {SummaryRole, "summary"}, {DetailsRole, "details"}, {IsQuietRole, "isQuiet"}};
}

}
