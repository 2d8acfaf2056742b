#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QTableView>

#include <functional>

namespace sg {

// Rows of a result, whose texts are made when they are shown: a result may have a million of them. UI thread.
class ResultModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Column
    {
        QString title;
        bool isNumber = false; // to the right
        bool isLink = false; // looks like one
    };
    struct Content
    {
        std::vector<Column> columns;
        int rows = 0;
        std::function<QString(int row, int column)> text;
        std::function<QVariant(int row, int column)> key; // to sort by; empty: the text
        std::function<bool(int row)> isStrong; // written bold; empty: none is
    };

    using QAbstractTableModel::QAbstractTableModel;
    void show(Content content);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    static constexpr int KeyRole = Qt::UserRole;

private:
    Content m_content;
};

// A table of results: sorted by its heads, copied by Ctrl+C, one row current, which Enter or a double click takes. UI thread.
class ResultTable : public QTableView
{
    Q_OBJECT

public:
    ResultTable(const QString &name, const QString &accessible, QWidget *parent);
    void show(ResultModel::Content content);
    [[nodiscard]] int currentRow() const; // as the content counts; -1: none
    void setCurrentRow(int row);
    [[nodiscard]] ResultModel &content() { return m_content; }

Q_SIGNALS:
    void rowChanged(int row); // -1: none
    void rowTaken(int row, int column); // Enter, double click, or a click on a link

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    ResultModel m_content;
    QSortFilterProxyModel m_sorted;
    void fitColumns();
    std::vector<bool> m_links; // columns
    std::vector<int> m_wanted; // widths of the columns, as their texts have them
};

// How every table of this folder looks.
void setUpTable(QTableView &view);

}
