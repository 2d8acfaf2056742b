#include "widgets/connect/browserun.h"

#include <QThreadPool>

namespace sg {

QThreadPool &browseThreads()
{
    static QPointer<QThreadPool> pool;
    if (!pool) {
        pool = new QThreadPool(QCoreApplication::instance());
        pool->setMaxThreadCount(16);
    }
    return *pool;
}

BrowseRun::BrowseRun(QObject *parent)
    : LongWork(parent, browseThreads())
{
}

}
