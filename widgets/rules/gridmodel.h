#pragma once

#include "core/result.h"
#include "workspace/csvtext.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <functional>
#include <map>

namespace sg {

// A CSV file of the workspace as a grid to edit. Each cell is judged by the file's own reader, row by row, and says its fault in the
// reader's words. UI thread.
class GridModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using Reader = std::function<std::optional<Error>(const std::string &text)>; // of a whole file; nothing: it is well

    GridModel(CsvText text, Reader reader, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    bool insertRows(int row, int count, const QModelIndex &parent = {}) override;
    bool removeRows(int row, int count, const QModelIndex &parent = {}) override;

    void begin(const std::vector<std::string> &columns); // of a file that is empty
    void addRow(const std::vector<std::string> &cells) { addRows({cells}); }
    void addRows(const std::vector<std::vector<std::string>> &rows); // at the end
    void addColumn(const QString &name);
    // Of many cells: all is judged once.
    void removeRowsOf(const QModelIndexList &cells);
    void clear(const QModelIndexList &cells);
    // Cells of a spreadsheet (tabs) or of a CSV file from this cell on; rows and not columns are added for what has no room. How many
    // cells had none.
    int paste(const QModelIndex &at, const QString &text);
    [[nodiscard]] QString copied(const QModelIndexList &cells) const; // with tabs between them
    [[nodiscard]] std::string text() const { return m_csv.text(); }
    [[nodiscard]] QString fault() const; // of the header, else of the first row that has one; empty: all is well
    [[nodiscard]] std::vector<std::string> row(int number) const;

private:
    struct Fault
    {
        int column = 0;
        QString text;
    };
    void judge(int row); // its cells alone, then its key among the others
    void judgeAll();
    void drop(int row, int count); // judges nothing
    [[nodiscard]] std::string key(int row) const; // of the columns that are no level
    [[nodiscard]] std::optional<Fault> faultOf(const Error &error, int row) const;
    std::vector<std::string> &cellsOf(int row) { return m_csv.lines[static_cast<std::size_t>(row) + 1].cells; }
    [[nodiscard]] const std::vector<std::string> &cellsOf(int row) const { return m_csv.lines[static_cast<std::size_t>(row) + 1].cells; }

    CsvText m_csv;
    const Reader m_reader;
    std::map<int, Fault> m_faults; // by row
    QString m_headerFault;
};

}
