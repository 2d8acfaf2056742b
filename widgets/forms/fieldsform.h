#pragma once

#include "core/fields.h"

#include <QWidget>

class QFormLayout;

namespace sg {

// Key paths and their values as YAML writes them, in the order of the table: {"high/limit", "80"}.
using FormValues = std::vector<std::pair<std::string, std::string>>;

// A form generated from a table of Fields. It knows no kind of rule or source: a new one needs nothing here. UI thread.
class FieldsForm : public QWidget
{
    Q_OBJECT

public:
    FieldsForm(Fields fields, QWidget *parent, const std::vector<std::string> &without = {});

    void fill(const Node &item);
    [[nodiscard]] FormValues values() const; // only what was filled in
    void setText(const std::string &key, const QString &text);

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
    };
    void add(QFormLayout &form, const Field &field, const std::string &prefix, bool isInOptionalMap);
    QWidget *makeEditor(const Field &field, const std::string &path);

    std::vector<Row> m_rows;
};

// The values as lines of an item, nested maps as flow maps.
std::string yamlOf(const FormValues &values);
// A list of texts as a flow list.
std::string yamlList(const QStringList &texts);

}
