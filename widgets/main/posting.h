#pragma once

#include <QCoreApplication>
#include <QPointer>

namespace sg {

// Runs `work` on the UI thread, from any thread, unless `receiver` is gone by then.
template <class F> void postTo(const QPointer<QObject> &receiver, F work)
{
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [receiver, work = std::move(work)]() mutable {
            if (receiver)
                work();
        },
        Qt::QueuedConnection);
}

}
