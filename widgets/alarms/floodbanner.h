#pragma once

#include "items/snapshotfeed.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace sg {

// More alarms at once than a person can work off: since when, how many, which one came first, and which rules raise most. UI thread.
class FloodBanner : public QWidget
{
    Q_OBJECT

public:
    FloodBanner(SnapshotFeed &feed, const QString &area, QWidget *parent);
    void refresh(); // once a second

Q_SIGNALS:
    void firstOutWanted(const QString &path);

private:
    SnapshotFeed &m_feed;
    const std::string m_area; // of the list; empty: all
    QLabel *m_text;
    QPushButton *m_firstOut;
    QString m_path;
};

}
