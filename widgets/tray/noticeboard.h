#pragma once

#include "alarms/rule.h"

#include <QObject>

namespace sg {

// What one notification on the desktop says. Plain text: whoever shows it escapes what its desktop would take for markup.
struct DeskNotice
{
    QString title, body;
    Priority priority = Priority::Low;
    bool canAcknowledge = false; // has the button
};

// Shows notices outside of the window, each under a number of the caller's. UI thread.
class NoticeBoard : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    virtual void show(quint32 number, const DeskNotice &notice) = 0; // again under the same number: in its place
    virtual void close(quint32 number) = 0;

Q_SIGNALS:
    void openWanted(quint32 number);
    void acknowledgeWanted(quint32 number);
    void closed(quint32 number); // by a person, or by its time
};

}
