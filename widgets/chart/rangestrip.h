#pragma once

#include "widgets/chart/chartframe.h"

#include <QFrame>

class QLabel;
class QTableWidget;

namespace sg {

// What the series were within a selected range of time.
struct RangeFigures
{
    std::uint64_t samples = 0; // values, gaps not counted
    double least = 0, greatest = 0; // of them; meaningless without samples
    std::optional<double> mean; // not given for more values than are read at once
};

// Counts by the pyramid; the mean out of every value while there are not too many. Pool thread.
RangeFigures figuresOf(const SeriesView &view, Time from, Time to, std::stop_token stop);

// The table below a chart while a range is selected: one row a series, to be read and copied (Ctrl+C). UI thread.
class RangeStrip : public QFrame
{
    Q_OBJECT

public:
    struct Line
    {
        QString name, samples, least, greatest, mean;
    };

    explicit RangeStrip(QWidget *parent = nullptr);
    void showFigures(const QString &range, const std::vector<Line> &lines);

Q_SIGNALS:
    void closed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QLabel *m_range;
    QTableWidget *m_table;
};

}
