#pragma once

#include "items/alarmlists.h"

#include <QWidget>

class QLineEdit;
class QMenu;
class QToolButton;

namespace sg {

class AlarmModel;

struct SavedFilter;

// Which alarms of a list are shown: words, area, least priority; and how they are grouped. It says so itself while it hides any, by the
// name under which it was saved where it has one. UI thread.
class FilterBar : public QWidget
{
    Q_OBJECT

public:
    FilterBar(AlarmModel &model, QWidget *parent);
    void focusText();
    void openMenu();
    void clear();

Q_SIGNALS:
    void changed(const sg::AlarmFilter &filter, sg::AlarmGrouping grouping);

private:
    void fillMenu();
    void fillSaved(QMenu &menu);
    void apply(const SavedFilter &saved);
    void askName();
    void choose();

    AlarmModel &m_model;
    QLineEdit *m_text;
    QToolButton *m_more;
    AlarmFilter m_filter;
    AlarmGrouping m_grouping = AlarmGrouping::None;
};

}
