#include "items/messagemodel.h"

#include "core/text.h"
#include "items/texts.h"
#include "items/topicmodel.h"

namespace sg {

namespace {

std::size_t bytesOf(const BrowsedMessage &message)
{
    auto bytes = message.payload.size() + message.key.size() + message.topic.size() + sizeof(BrowsedMessage);
    for (const auto &[name, value] : message.headers)
        bytes += name.size() + value.size();
    for (const auto &cell : message.cells)
        bytes += cell.column.size() + (cell.text ? cell.text->size() : 0) + sizeof(cell);
    return bytes;
}

char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool holds(std::string_view bytes, std::string_view wanted) // wanted: folded
{
    return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end(), [](char a, char b) { return folded(a) == b; })
        != bytes.end();
}

}

std::string lineOfMessage(const BrowsedMessage &message, std::size_t limit)
{
    if (message.cells.empty())
        return shown(message.payload, limit);
    std::string out;
    for (const auto &cell : message.cells) {
        if (out.size() > limit)
            break;
        out += (out.empty() ? "" : "  ") + cell.column + "=" + (cell.text ? cell.text->substr(0, limit) : "NULL");
    }
    return shown(out, limit);
}

void MessageModel::add(std::vector<BrowsedMessage> messages)
{
    if (messages.size() > MostMessages) {
        m_gone += messages.size() - MostMessages;
        messages.erase(messages.begin(), messages.end() - static_cast<std::ptrdiff_t>(MostMessages));
    }
    if (messages.empty())
        return;
    const auto first = static_cast<int>(m_messages.size());
    beginInsertRows({}, first, first + static_cast<int>(messages.size()) - 1);
    for (auto &message : messages) {
        m_bytes += bytesOf(message);
        m_messages.push_back(std::move(message));
    }
    endInsertRows();
    std::size_t tooMany = 0;
    auto bytes = m_bytes;
    while (m_messages.size() - tooMany > MostMessages || (bytes > MostBytes && tooMany + 1 < m_messages.size()))
        bytes -= bytesOf(m_messages[tooMany++]);
    dropOldest(tooMany);
}

void MessageModel::dropOldest(std::size_t count)
{
    if (count == 0)
        return;
    beginRemoveRows({}, 0, static_cast<int>(count) - 1);
    for (std::size_t i = 0; i < count; ++i)
        m_bytes -= bytesOf(m_messages[i]);
    m_messages.erase(m_messages.begin(), m_messages.begin() + static_cast<std::ptrdiff_t>(count));
    m_gone += count;
    endRemoveRows();
}

void MessageModel::clear()
{
    beginResetModel();
    m_messages.clear();
    m_bytes = 0;
    m_gone = 0;
    endResetModel();
}

int MessageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_messages.size());
}

int MessageModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const auto &message = m_messages[static_cast<std::size_t>(index.row())];
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment((index.column() == SizeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(index.column())) {
    case TimeColumn:
        return clockText(message.brokerTime.value_or(message.arrival), Millis(1));
    case TopicColumn:
        return textOf(shown(message.topic, 200));
    case PlaceColumn:
        if (message.isRetained)
            return tr("retained");
        if (message.offset < 0)
            return {};
        return message.partition < 0 ? QString::number(message.offset)
                                     : QStringLiteral("%1 / %2").arg(message.partition).arg(message.offset);
    case KeyColumn:
        return message.hasKey ? textOf(shown(message.key, 120)) : QString();
    case SizeColumn:
        if (!message.cells.empty() || message.isTombstone)
            return {};
        return message.isCut() ? tr("%1, cut").arg(sizeText(static_cast<std::int64_t>(message.size)))
                               : sizeText(static_cast<std::int64_t>(message.size));
    case TextColumn:
        return message.isTombstone ? tr("(tombstone: the key is deleted)") : textOf(lineOfMessage(message));
    case ColumnCount:
        break;
    }
    return {};
}

QVariant MessageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(section)) {
    case TimeColumn:
        return tr("Time");
    case TopicColumn:
        return tr("From");
    case PlaceColumn:
        return tr("Partition / offset");
    case KeyColumn:
        return tr("Key");
    case SizeColumn:
        return tr("Size");
    case TextColumn:
        return tr("Text");
    case ColumnCount:
        break;
    }
    return {};
}

MessageFilter::MessageFilter(MessageModel &model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
{
    setSourceModel(&model);
}

void MessageFilter::setText(const QString &text, Where where)
{
    m_text = utf8Of(text);
    std::transform(m_text.begin(), m_text.end(), m_text.begin(), folded);
    m_where = where;
    invalidateFilter();
}

bool MessageFilter::filterAcceptsRow(int row, const QModelIndex &) const
{
    if (m_text.empty())
        return true;
    const auto &message = m_model.message(row);
    if ((m_where == Anywhere || m_where == InKey) && holds(message.key, m_text))
        return true;
    if (m_where == Anywhere || m_where == InHeaders)
        for (const auto &[name, value] : message.headers)
            if (holds(name, m_text) || holds(value, m_text) || holds(name + "=" + value, m_text))
                return true;
    if (m_where == Anywhere || m_where == InText) {
        if (holds(message.payload, m_text))
            return true;
        for (const auto &cell : message.cells)
            if (holds(cell.column, m_text) || (cell.text && holds(*cell.text, m_text)))
                return true;
    }
    return m_where == Anywhere && holds(message.topic, m_text);
}

}
