#pragma once

#include "widgets/chart/alarmspans.h"
#include "widgets/chart/chartframe.h"

#include <QGraphicsObject>

namespace sg {

struct LimitLine
{
    double value = 0;
    QString label; // "high 80"
    Priority priority = Priority::Medium;
};

// What the chart's own item draws over Qt Charts' plot area: the image, state strips, limits, alarm spans. Paints only; knows no
// session. An image of another window is stretched to where its time lies, until the next one comes.
class SeriesLayer : public QGraphicsObject
{
    Q_OBJECT

public:
    struct StateStrip
    {
        QString name;
        std::vector<std::pair<std::pair<Time, Time>, QString>> spans;
    };
    static constexpr int StripHeight = 18;

    // The device pixels that a plot area covers: each of its edges at the nearest one. The picture of a frame is to be of this size; it is
    // then shown pixel by pixel, at fractional scales too.
    static QRect devicePlot(const QRectF &plot, double scale);

    explicit SeriesLayer(QGraphicsItem *parent = nullptr);

    void setPlot(const QRectF &plot); // in the parent's coordinates
    void setWindow(Time from, Time to, double yMin, double yMax);
    void setFrame(Frame frame);
    void setLimits(std::vector<LimitLine> limits);
    void setAlarms(std::vector<AlarmSpans::Span> spans, Time now);
    void setStrips(std::vector<StateStrip> strips, bool fillsPlot); // else at the bottom, below the lines
    void setHint(const QString &hint); // in the middle of an empty chart
    [[nodiscard]] const Frame &frame() const { return m_frame; }
    [[nodiscard]] const std::vector<LimitLine> &limits() const { return m_limits; }
    [[nodiscard]] double xOf(Time t) const;
    [[nodiscard]] double yOf(double value) const;
    [[nodiscard]] Time timeAt(double x) const;
    [[nodiscard]] double valueAt(double y) const;

    QRectF boundingRect() const override { return m_plot; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintFrame(QPainter &painter) const;
    void paintAlarms(QPainter &painter) const;
    void paintLimits(QPainter &painter) const;
    void paintStrips(QPainter &painter) const;
    void paintLate(QPainter &painter) const;

    QRectF m_plot;
    Time m_from{}, m_to{};
    double m_yMin = 0, m_yMax = 1;
    Frame m_frame;
    std::vector<LimitLine> m_limits;
    std::vector<AlarmSpans::Span> m_alarms;
    Time m_now{};
    std::vector<StateStrip> m_strips;
    bool m_stripsFill = false;
    QString m_hint;
};

}
