#pragma once

#include "core/browse.h"

#include <QAbstractTableModel>

#include <functional>

namespace sg {

// What a server lists, topics or views, each with a box that says whether it is chosen. Names are hostile and shown escaped. UI thread
// only.
class TopicModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { NameColumn, RateColumn, NewestColumn, MessagesColumn, SizeColumn, PartitionsColumn, ColumnsColumn, ColumnCount };
    static constexpr int SortRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::vector<BrowsedTopic> topics, Time now); // `now` on the clock that the times are of
    // What decides which boxes are checked; asked again after refreshChosen().
    void setChosenBy(std::function<bool(const std::string &name)> isChosen);
    void refreshChosen();
    [[nodiscard]] const std::vector<BrowsedTopic> &topics() const { return m_topics; }
    [[nodiscard]] bool tells(Column column) const; // whether any row has something there

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    void toggled(const std::string &name, bool isChosen); // by a person

private:
    [[nodiscard]] QString text(const BrowsedTopic &topic, int column) const;
    [[nodiscard]] QVariant key(const BrowsedTopic &topic, int column) const;

    std::vector<BrowsedTopic> m_topics;
    std::function<bool(const std::string &)> m_isChosen;
    Time m_now{};
};

QString sizeText(std::int64_t bytes); // "1.2 MB"; empty below 0

}
