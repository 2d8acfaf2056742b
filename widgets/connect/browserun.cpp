#include "widgets/connect/browserun.h"

#include <QThreadPool>

namespace sg {

namespace {

// Their threads do nothing but wait for servers, so there may be many; the query pool and its charts never wait for one.
QThreadPool &browseThreads()
{
    static QPointer<QThreadPool> pool;
    if (!pool) {
        pool = new QThreadPool(QCoreApplication::instance());
        pool->setMaxThreadCount(16);
    }
    return *pool;
}

}

BrowseRun::BrowseRun(QObject *parent)
    : LongWork(parent, browseThreads())
{
}

}
