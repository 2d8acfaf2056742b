#pragma once

#include "core/types.h"

#include <QWidget>

#include <vector>

namespace sg {

// A few series of a source that is not there yet, as lines: enough to see whether they are what was meant. UI thread.
class PreviewPlot : public QWidget
{
    Q_OBJECT

public:
    static constexpr std::size_t MostLines = 6; // that can be told apart at this size
    static constexpr std::size_t MostPoints = 2000; // of a line; the newest

    struct Line
    {
        QString name;
        std::vector<std::pair<Time, double>> points; // by time; NaN is a gap
    };

    explicit PreviewPlot(QWidget *parent);
    void show(std::vector<Line> lines);
    QSize sizeHint() const override { return {400, 180}; }
    QSize minimumSizeHint() const override { return {200, 110}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::vector<Line> m_lines;
};

}
