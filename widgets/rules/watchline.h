#pragma once

#include <QLabel>

namespace sg {

class Desk;

// "14 rules watch 212 series, 3 watch nothing, 5 unknown": quiet must never look green without it. UI thread.
class WatchLine : public QLabel
{
    Q_OBJECT

public:
    explicit WatchLine(Desk &desk, QWidget *parent = nullptr);

private:
    void refresh();
    Desk &m_desk;
};

}
