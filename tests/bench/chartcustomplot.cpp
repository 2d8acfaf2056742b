#include "bench/chartcustomplot.h"

#include "bench/chartload.h"

#include <qcustomplot.h>

#include <QCoreApplication>

#include <chrono>

namespace sg::bench {

std::vector<double> customPlotPans(int samples, int steps, double share)
{
    QCustomPlot plot;
    plot.resize(1920, 1080);
    plot.yAxis->setRange(-20, 130);
    for (int i = 0; i < ChartSeriesCount; ++i) {
        ChartSignal signal(i);
        QVector<QCPGraphData> data(samples);
        for (int sample = 0; sample < samples; ++sample)
            data[sample] = QCPGraphData(static_cast<double>(sample) * SampleMicros / 1e6, signal.next());
        plot.addGraph()->data()->set(data, true); // adaptive sampling is on unless switched off
    }
    plot.show();
    QCoreApplication::processEvents();
    const double length = static_cast<double>(samples) * SampleMicros / 1e6;
    const double span = length * 4 / 5;
    double from = length / 20;
    std::vector<double> out;
    for (int i = 0; i < steps; ++i) {
        from += span * (i / 4 % 2 == 0 ? share : -share);
        const auto start = std::chrono::steady_clock::now();
        plot.xAxis->setRange(from, from + span);
        plot.replot(QCustomPlot::rpImmediateRefresh);
        out.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    return out;
}

}
