#pragma once

#include "core/types.h"

#include <QLabel>

namespace sg {

class Desk;
class Heartbeat;

// What the program costs, over the window's corner (F12): the longest wait of the UI thread, frames, samples, how old the shown state
// is, memory. Counting the samples reads the series on the pool, so none of it runs while it is not shown. UI thread.
class Overlay : public QLabel
{
    Q_OBJECT

public:
    Overlay(Desk &desk, QWidget *window);
    ~Overlay() override;

    void drew(Micros took); // a chart, from asking to shown

protected:
    bool eventFilter(QObject *watched, QEvent *event) override; // of the window: stays in its corner

private:
    void refresh(); // once a second
    void count(); // on the pool
    void place();

    Desk &m_desk;
    QWidget *m_window;
    std::unique_ptr<Heartbeat> m_heartbeat;
    Mono m_since;
    std::uint64_t m_frames = 0;
    Micros m_frameSum{0}, m_frameMost{0};
    bool m_isCounting = false;
    std::uint64_t m_samples = 0, m_memoryKb = 0;
};

}
