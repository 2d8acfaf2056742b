#pragma once

#include "alarms/condition.h"
#include "alarms/measure.h"
#include "widgets/forms/fieldsform.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace sg {

// The fields of one rule, in the order in which it is said: what, judged how, when, who answers. Generated from the Fields of the kinds of
// tests and measures: a new kind needs nothing here. UI thread.
class RuleForm : public QWidget
{
    Q_OBJECT

public:
    explicit RuleForm(QWidget *parent = nullptr);

    void fill(const QString &id, bool isNew, const Node &item, const Node &defaults);
    void setKnownSeries(const QStringList &selectors); // to complete with
    [[nodiscard]] std::string id() const;
    [[nodiscard]] FormValues values() const;
    void setText(const std::string &path, const QString &text); // of a field that is shown
    void setUnit(const QString &unit); // of what limits are compared with
    void setWatched(const QString &text);
    // As FieldsForm.
    std::vector<FieldFault> showFaults(const std::vector<FieldFault> &faults);

Q_SIGNALS:
    void changed();
    void tableWanted(const QString &path); // the file named there: "limits_from", "absence/expect/file"

private:
    void build();
    FieldsForm *addForm(Fields fields, const std::vector<std::string> &without, QWidget *below = nullptr);
    FieldsForm *addCommon(const std::vector<std::string> &keys, QWidget *below = nullptr);
    void addTableButton(const QString &text, const QString &path);
    void orderTabs();
    [[nodiscard]] QString emptyText() const; // of a condition whose fields say nothing
    [[nodiscard]] const ConditionKind *kind() const;
    [[nodiscard]] const MeasureKind *measure() const; // null: the value itself

    Node m_item, m_defaults;
    QLineEdit *m_id, *m_series;
    QLabel *m_idFault, *m_seriesFault, *m_watched;
    QComboBox *m_kind, *m_measure;
    QScrollArea *m_scroll;
    QVBoxLayout *m_layout; // of what depends on the kind
    QWidget *m_inner = nullptr; // all of that
    std::vector<FieldsForm *> m_forms;
    std::vector<QWidget *> m_order; // for the tab key
    QWidget *m_more = nullptr;
    bool m_isMoreOpen = false;
    QString m_unit;
};

}
