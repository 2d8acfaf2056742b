#pragma once

#include "items/snapshotfeed.h"

namespace sg {

// Texts of state codes, learned from the newest values as they pass by: a snapshot carries the text of the newest value only.
// UI thread.
class StateTexts : public QObject
{
    Q_OBJECT

public:
    explicit StateTexts(SnapshotFeed &feed);
    [[nodiscard]] QString of(double code) const; // "state 7" for one that was never seen
    [[nodiscard]] std::map<double, std::string> all() const { return m_texts; }

private:
    std::map<double, std::string> m_texts;
};

}
