#pragma once

#include "core/browse.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <deque>

namespace sg {

// Messages that were looked at, in the order they came: a ring, bounded in number and bytes; the oldest go. Texts are escaped. UI thread.
class MessageModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, TopicColumn, PlaceColumn, KeyColumn, SizeColumn, TextColumn, ColumnCount };
    static constexpr std::size_t MostMessages = 2000;
    static constexpr std::size_t MostBytes = std::size_t(32) << 20U; // payloads, keys and headers

    using QAbstractTableModel::QAbstractTableModel;

    void add(std::vector<BrowsedMessage> messages);
    void clear();
    [[nodiscard]] const BrowsedMessage &message(int row) const { return m_messages[static_cast<std::size_t>(row)]; }
    [[nodiscard]] std::vector<BrowsedMessage> messages() const { return {m_messages.begin(), m_messages.end()}; }
    [[nodiscard]] std::uint64_t gone() const { return m_gone; } // left the ring since clear()

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void dropOldest(std::size_t count);

    std::deque<BrowsedMessage> m_messages;
    std::size_t m_bytes = 0;
    std::uint64_t m_gone = 0;
};

// Messages whose key, headers or text hold a text, whatever its case.
class MessageFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    enum Where { Anywhere, InKey, InHeaders, InText };

    explicit MessageFilter(MessageModel &model, QObject *parent = nullptr);
    void setText(const QString &text, Where where);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    MessageModel &m_model;
    std::string m_text; // ASCII letters folded
    Where m_where = Anywhere;
};

// One line of what a message holds: its payload, or its columns as name=value.
std::string lineOfMessage(const BrowsedMessage &message, std::size_t limit = 300);

}
