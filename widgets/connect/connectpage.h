#pragma once

#include "widgets/connect/connectstate.h"

#include <QWidget>

class QLabel;
class QTreeView;

namespace sg {

// One step of "Connect your own data". UI thread.
class ConnectPage : public QWidget
{
    Q_OBJECT

public:
    ConnectPage(ConnectState &state, QWidget *parent)
        : QWidget(parent)
        , m_state(state)
    {
    }
    virtual void enter() { } // it is shown now, maybe again
    virtual void leave() { } // what it does in the background ends
    [[nodiscard]] virtual QString missing() const = 0; // what must be done before the next step; empty: nothing

Q_SIGNALS:
    void missingChanged();

protected:
    ConnectState &m_state;
};

// A line or more of plain text that may come from outside.
QLabel *plainText(const char *name, QWidget *parent, const QString &text = {});
// A series as a list names it: "L1 / P-07  temp".
QString seriesName(const std::string &path);
// Rows as high as those of the tables beside it.
void padRows(QTreeView &tree);

}
