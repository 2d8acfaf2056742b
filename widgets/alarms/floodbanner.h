#pragma once

#include "items/snapshotfeed.h"

#include <QWidget>

class QToolButton;

namespace sg {

class OneLineLabel;

// More alarms at once than a person can work off, on one line: since when, how many, which one came first, and which rules have most
// of them. All its numbers are of the same ten minutes. UI thread.
class FloodBanner : public QWidget
{
    Q_OBJECT

public:
    FloodBanner(SnapshotFeed &feed, const QString &area, QWidget *parent);
    void refresh(); // once a second; whoever places it shows it
    [[nodiscard]] bool isFlood() const { return m_isFlood; }
    [[nodiscard]] int lineHeight() const; // whether it is shown or not

Q_SIGNALS:
    void firstOutWanted(const QString &path);

private:
    SnapshotFeed &m_feed;
    const std::string m_area; // of the list; empty: all
    OneLineLabel *m_text;
    QToolButton *m_firstOut;
    QString m_path;
    bool m_isFlood = false;
};

}
