#pragma once

#include "core/fields.h"

#include <QWidget>

class QFormLayout;
class QGridLayout;
class QLabel;

namespace sg {

// Key paths and their values as YAML writes them, in the order of the table: {"high/limit", "80"}.
using FormValues = std::vector<std::pair<std::string, std::string>>;

// What is wrong with the value of one key; see FieldsForm::showFaults().
struct FieldFault
{
    std::string path; // "high/limit"; of a map: "high"
    QString text;
    int character = 0; // where in the value, from 1; 0: not known
};

// A form generated from a table of Fields. It knows no kind of rule or source: a new one needs nothing here. Maps with the same keys
// that follow each other, such as the levels of a rule, are the lines of one grid. UI thread.
class FieldsForm : public QWidget
{
    Q_OBJECT

public:
    FieldsForm(Fields fields, QWidget *parent, const std::vector<std::string> &without = {});

    void fill(const Node &item);
    [[nodiscard]] FormValues values() const; // only what was filled in
    void setText(const std::string &key, const QString &text);
    void setInherited(const Node &item); // shown in editors that are empty: what stands for them
    void setUnit(std::string_view key, const QString &unit); // beside the label of every editor for this last key
    void setFolder(const QString &folder); // of the workspace: where choosing a file begins
    void setShown(std::string_view path, bool isShown); // of one row; what is not shown has no value
    // Shows each fault at its editor, or at that of its map, and takes away those of before. Gives back what has no place here.
    std::vector<FieldFault> showFaults(const std::vector<FieldFault> &faults);
    [[nodiscard]] QWidget *editorOf(std::string_view path) const; // null: there is none
    [[nodiscard]] std::vector<QWidget *> editors() const; // in the order of the table
    [[nodiscard]] int labelWidth() const; // the least, so that several forms below each other are in line
    [[nodiscard]] bool isEmpty() const { return m_rows.empty(); }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void changed();

private:
    struct Row
    {
        std::string path;
        const Field *field;
        QWidget *editor;
        QLabel *label; // of several rows, in a grid
        QLabel *fault; // below it
        bool isShown = true;
    };
    void addAll(QFormLayout &form, Fields fields, const std::string &prefix, bool isInOptionalMap, const std::vector<std::string> &without);
    void add(QFormLayout &form, const Field &field, const std::string &prefix, bool isInOptionalMap);
    void addGrid(QFormLayout &form, std::span<const Field *const> maps, const std::string &prefix);
    QWidget *makeEditor(const Field &field, const std::string &path);

    std::vector<Row> m_rows;
};

// The frame that the theme gives to editors with a fault.
void markFaulty(QWidget *editor, bool isFaulty);
// The values as lines of an item, nested maps as flow maps.
std::string yamlOf(const FormValues &values);
// A list of texts as a flow list.
std::string yamlList(const QStringList &texts);

}
