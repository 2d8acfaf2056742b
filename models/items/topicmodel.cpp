#include "items/topicmodel.h"

#include "core/text.h"
#include "items/texts.h"

#include <QLocale>

namespace sg {

namespace {

Qt::Alignment alignmentOf(int column)
{
    const bool isText = column == TopicModel::NameColumn || column == TopicModel::ColumnsColumn;
    return (isText ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter;
}

}

QString sizeText(std::int64_t bytes)
{
    return bytes < 0 ? QString() : QLocale().formattedDataSize(bytes, bytes < 1000 ? 0 : 1, QLocale::DataSizeSIFormat);
}

void TopicModel::show(std::vector<BrowsedTopic> topics, Time now)
{
    beginResetModel();
    m_topics = std::move(topics);
    m_now = now;
    endResetModel();
}

void TopicModel::setChosenBy(std::function<bool(const std::string &)> isChosen)
{
    m_isChosen = std::move(isChosen);
    refreshChosen();
}

void TopicModel::refreshChosen()
{
    if (!m_topics.empty())
        Q_EMIT dataChanged(index(0, NameColumn), index(rowCount() - 1, NameColumn), {Qt::CheckStateRole});
}

bool TopicModel::tells(Column column) const
{
    return column == NameColumn
        || std::any_of(m_topics.begin(), m_topics.end(), [&](const BrowsedTopic &topic) { return !text(topic, column).isEmpty(); });
}

int TopicModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_topics.size());
}

int TopicModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString TopicModel::text(const BrowsedTopic &topic, int column) const
{
    const QLocale locale;
    switch (static_cast<Column>(column)) {
    case NameColumn:
        return textOf(shown(topic.name, 300));
    case RateColumn:
        return topic.messagesPerSecond < 0 ? QString()
                                           : locale.toString(topic.messagesPerSecond, 'f', topic.messagesPerSecond < 10 ? 1 : 0);
    case NewestColumn:
        if (topic.isRetained)
            return tr("retained");
        return topic.newest == NoTime ? QString() : tr("%1 ago").arg(ageText(std::max(m_now - topic.newest, Micros(0))));
    case MessagesColumn:
        return topic.messages < 0 ? QString() : locale.toString(static_cast<qlonglong>(topic.messages));
    case SizeColumn:
        return sizeText(topic.bytes);
    case PartitionsColumn:
        return topic.partitions < 0 ? QString() : locale.toString(topic.partitions);
    case ColumnsColumn: {
        QStringList names;
        for (const auto &one : topic.columns)
            names << textOf(shown(one.name, 60));
        return names.join(QStringLiteral(", "));
    }
    case ColumnCount:
        break;
    }
    return {};
}

QVariant TopicModel::key(const BrowsedTopic &topic, int column) const
{
    switch (static_cast<Column>(column)) {
    case RateColumn:
        return topic.messagesPerSecond;
    case NewestColumn:
        return topic.newest == NoTime ? QVariant(0LL) : QVariant(static_cast<qlonglong>(topic.newest.time_since_epoch().count()));
    case MessagesColumn:
        return static_cast<qlonglong>(topic.messages);
    case SizeColumn:
        return static_cast<qlonglong>(topic.bytes);
    case PartitionsColumn:
        return topic.partitions;
    case NameColumn:
    case ColumnsColumn:
    case ColumnCount:
        break;
    }
    return text(topic, column);
}

QVariant TopicModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const auto &topic = m_topics[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(topic, index.column());
    case SortRole:
        return key(topic, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(alignmentOf(index.column()));
    case Qt::CheckStateRole:
        if (index.column() == NameColumn && m_isChosen)
            return m_isChosen(topic.name) ? Qt::Checked : Qt::Unchecked;
        return {};
    default:
        return {};
    }
}

bool TopicModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid() || role != Qt::CheckStateRole)
        return false;
    Q_EMIT toggled(m_topics[static_cast<std::size_t>(index.row())].name, value.toInt() == Qt::Checked);
    return true;
}

QVariant TopicModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(alignmentOf(section));
    if (role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(section)) {
    case NameColumn:
        return tr("Name");
    case RateColumn:
        return tr("Messages/s");
    case NewestColumn:
        return tr("Newest");
    case MessagesColumn:
        return tr("Messages");
    case SizeColumn:
        return tr("Size");
    case PartitionsColumn:
        return tr("Partitions");
    case ColumnsColumn:
        return tr("Columns");
    case ColumnCount:
        break;
    }
    return {};
}

Qt::ItemFlags TopicModel::flags(const QModelIndex &index) const
{
    auto flags = QAbstractTableModel::flags(index);
    if (index.column() == NameColumn)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

}
