#pragma once

#include "core/types.h"

#include <QColor>
#include <QWidget>

namespace sg {

// When versions of a rule were in alarm, one lane each above the other, over a whole backtest; what was not heard is hatched, and what the
// chart above shows is framed. A click says where. UI thread.
class RaiseLanes : public QWidget
{
    Q_OBJECT

public:
    struct Lane
    {
        QString name;
        QColor color;
        std::vector<std::pair<Time, Time>> spans; // by begin
    };

    explicit RaiseLanes(QWidget *parent);
    void show(Time from, Time to, std::vector<Lane> lanes, std::vector<std::pair<Time, Time>> notHeard);
    void setSight(Time from, Time to); // of the chart
    QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(sg::Time at);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    [[nodiscard]] double xOf(Time t) const;
    [[nodiscard]] double left() const; // of the lanes, behind their names

    Time m_from{}, m_to{};
    std::pair<Time, Time> m_sight{};
    std::vector<Lane> m_lanes;
    std::vector<std::pair<Time, Time>> m_notHeard;
};

}
