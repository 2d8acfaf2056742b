#pragma once

#include "decode/preview.h"

#include <QWidget>

class QLabel;
class QTreeWidget;

namespace sg {

// What a source makes of one message: its series with values and times, notes, or why it is refused. UI thread.
class DecodedView : public QWidget
{
    Q_OBJECT

public:
    explicit DecodedView(QWidget *parent);
    void show(const Preview::Read &read);
    void say(const QString &text); // instead of a message

private:
    QLabel *m_said;
    QTreeWidget *m_rows;
};

}
