#pragma once

#include "items/alarmlists.h"

#include <QTabBar>

namespace sg {

class AlarmModel;

// The lists of the console beside one another, each with its count; those of the hidden ones always stand there. Open is Active and
// Cleared together, and no alarm is on both. UI thread.
class ListTabs : public QTabBar
{
    Q_OBJECT

public:
    static constexpr int Journal = static_cast<int>(AlarmLists); // the tab behind those of AlarmList

    explicit ListTabs(QWidget *parent);
    void setCounts(const AlarmModel &model);
    void setNarrow(bool isNarrow); // short names
    static QString meaning(int tab); // what it lists

protected:
    [[nodiscard]] QSize tabSizeHint(int index) const override;

private:
    void refresh();
    std::array<int, AlarmLists> m_counts{};
    bool m_isNarrow = false;
};

}
