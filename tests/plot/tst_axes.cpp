#include "plot/palette.h"
#include "plot/timeaxis.h"
#include "plot/valueaxis.h"

#include <QColor>
#include <QtTest>

#include <set>

using namespace sg;

namespace {

Time utc(const QString &iso)
{
    return Time(Millis(QDateTime::fromString(iso + u'Z', Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

double luminance(QRgb colour)
{
    const auto linear = [](int part) {
        const double share = part / 255.0;
        return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(qRed(colour)) + 0.7152 * linear(qGreen(colour)) + 0.0722 * linear(qBlue(colour));
}

double contrast(QRgb a, QRgb b)
{
    const double x = luminance(a) + 0.05;
    const double y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

}

class TestAxes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void timeLabels_data();
    void timeLabels();
    void timeTicksKeepTheirDistance_data();
    void timeTicksKeepTheirDistance();
    void valueLabels_data();
    void valueLabels();
    void logLabels_data();
    void logLabels();
    void paddedRanges();
    void coloursStandOut();
};

void TestAxes::timeLabels_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("from");
    QTest::addColumn<qint64>("micros");
    QTest::addColumn<int>("ticks"); // room for so many
    QTest::addColumn<QString>("expected"); // '|' between ticks, '/' between lines, '*' major
    const qint64 second = 1'000'000, hour = 3'600 * second, day = 24 * hour;
    QTest::newRow("microseconds") << "UTC"
                                  << "2026-11-21T10:00:00" << qint64(10) << 5
                                  << "10:00:00.000000/2026-11-21|10:00:00.000002|10:00:00.000004|10:00:00.000006|10:00:00.000008";
    QTest::newRow("milliseconds") << "UTC"
                                  << "2026-11-21T10:00:59.990" << qint64(20'000) << 4
                                  << "10:00:59.990/2026-11-21|10:00:59.995|10:01:00.000|10:01:00.005";
    QTest::newRow("seconds over midnight") << "UTC"
                                           << "2026-11-21T23:59:40" << 40 * second << 4
                                           << "23:59:40/2026-11-21|23:59:50|*00:00:00/2026-11-22|00:00:10";
    QTest::newRow("microseconds over a change of the clocks")
        << "Europe/Berlin"
        << "2026-10-25T00:59:59.999" << qint64(2'000) << 5 << "02:59:59.999000/2026-10-25|02:59:59.999500|02:00:00.000000|02:00:00.000500";
    QTest::newRow("a day without midnight") << "America/Havana"
                                            << "2026-03-07T05:00:00" << 3 * day << 4 << "03-07/2026|03-08|03-09|03-10";
    QTest::newRow("centuries") << "UTC"
                               << "1900-01-01T00:00:00" << 300 * 365 * day << 4 << "1900|2000|2100";
    QTest::newRow("Seoul hours") << "Asia/Seoul"
                                 << "2026-11-21T12:00:00" << 6 * hour << 6 << "21:00/2026-11-21|22:00|23:00|*00:00/2026-11-22|01:00|02:00";
    QTest::newRow("half-hour zone") << "Asia/Kolkata"
                                    << "2026-11-21T12:00:00" << 3 * hour << 3 << "18:00/2026-11-21|19:00|20:00";
    QTest::newRow("Berlin loses an hour") << "Europe/Berlin"
                                          << "2026-03-28T23:00:00" << 5 * hour << 5 << "*00:00/2026-03-29|01:00|03:00|04:00|05:00";
    QTest::newRow("Berlin repeats an hour") << "Europe/Berlin"
                                            << "2026-10-24T22:00:00" << 5 * hour << 5 << "*00:00/2026-10-25|01:00|02:00|02:00|03:00";
    QTest::newRow("no room for the repeated hour") << "Europe/Berlin"
                                                   << "2026-10-24T22:00:00" << 8 * hour << 4 << "*00:00/2026-10-25|02:00|04:00|06:00";
    QTest::newRow("Berlin days over the change")
        << "Europe/Berlin"
        << "2026-10-23T22:00:00" << 4 * day + 2 * hour << 6 << "10-24/2026|10-25|10-26|10-27|10-28";
    QTest::newRow("Seoul days over the year") << "Asia/Seoul"
                                              << "2026-12-29T15:00:00" << 4 * day << 6 << "12-30/2026|12-31|*01-01/2027|01-02";
    QTest::newRow("Mondays") << "UTC"
                             << "2026-11-01T00:00:00" << 28 * day << 5 << "11-02/2026|11-09|11-16|11-23";
    QTest::newRow("months") << "Europe/Berlin"
                            << "2026-11-01T00:00:00" << 120 * day << 5 << "2026-12|*2027-01|2027-02|2027-03";
    QTest::newRow("years") << "UTC"
                           << "2020-06-01T00:00:00" << 5 * 366 * day << 6 << "2021|2022|2023|2024|2025";
    QTest::newRow("empty") << "UTC"
                           << "2026-11-21T10:00:00" << qint64(0) << 5 << "";
}

void TestAxes::timeLabels()
{
    QFETCH(QString, zone);
    QFETCH(QString, from);
    QFETCH(qint64, micros);
    QFETCH(int, ticks);
    QFETCH(QString, expected);
    const Time begin = utc(from);
    QStringList got;
    for (const TimeTick &tick : timeTicks(begin, begin + Micros(micros), ticks * 100, 100, QTimeZone(zone.toLatin1())))
        got += (tick.isMajor ? QStringLiteral("*") : QString()) + QString(tick.label).replace(u'\n', u'/');
    QCOMPARE(got.join(u'|'), expected);
}

void TestAxes::timeTicksKeepTheirDistance_data()
{
    QTest::addColumn<QByteArray>("zone");
    for (const char *zone : {"UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "America/Havana"})
        QTest::newRow(zone) << QByteArray(zone);
}

void TestAxes::timeTicksKeepTheirDistance()
{
    QFETCH(QByteArray, zone);
    const QTimeZone in(zone);
    for (const char *start : {"2026-03-07T12:34:56.789", "2026-03-28T21:00:00.001", "2026-10-24T05:59:59.999", "2026-12-31T22:00:00.500"}) {
        const Time from = utc(QLatin1String(start));
        for (double span = 20; span < 3e15; span *= 1.37) {
            const Time to = from + Micros(static_cast<qint64>(span));
            const auto ticks = timeTicks(from, to, 1'000, 90, in);
            const QString where = QStringLiteral("%1 %2").arg(QLatin1String(start)).arg(span);
            QVERIFY2(ticks.size() >= 1 || span > 1e15, qPrintable(where));
            std::set<qsizetype> lengths;
            for (std::size_t i = 0; i < ticks.size(); ++i) {
                QVERIFY2(ticks[i].t >= from && ticks[i].t < to, qPrintable(where));
                lengths.insert(ticks[i].label.section(u'\n', 0, 0).size());
                if (i > 0)
                    QVERIFY2(static_cast<double>((ticks[i].t - ticks[i - 1].t).count()) / span * 1'000 >= 89, qPrintable(where));
            }
            QVERIFY2(lengths.size() <= 1, qPrintable(where));
        }
    }
    QVERIFY(timeTicks(Time::min(), Time::max(), 1'000, 90, in).size() < 12);
}

void TestAxes::valueLabels_data()
{
    QTest::addColumn<double>("min");
    QTest::addColumn<double>("max");
    QTest::addColumn<int>("room");
    QTest::addColumn<QString>("expected");
    QTest::newRow("ones") << 0.0 << 5.0 << 5 << "0 1 2 3 4 5";
    QTest::newRow("twos") << 0.0 << 10.0 << 5 << "0 2 4 6 8 10";
    QTest::newRow("fives") << 0.0 << 20.0 << 5 << "0 5 10 15 20";
    QTest::newRow("tenths without drift") << 0.0 << 0.5 << 5 << "0.0 0.1 0.2 0.3 0.4 0.5";
    QTest::newRow("around zero") << -0.25 << 0.25 << 5 << "-0.2 -0.1 0.0 0.1 0.2";
    QTest::newRow("negative") << -31.0 << -9.0 << 5 << "-30 -25 -20 -15 -10";
    QTest::newRow("large") << 0.0 << 4e9 << 4 << "0e+00 1e+09 2e+09 3e+09 4e+09";
    QTest::newRow("empty") << 3.0 << 3.0 << 5 << "";
    QTest::newRow("not a number") << std::nan("") << 3.0 << 5 << "";
    QTest::newRow("too wide") << -1.7e308 << 1.7e308 << 5 << "";
}

void TestAxes::valueLabels()
{
    QFETCH(double, min);
    QFETCH(double, max);
    QFETCH(int, room);
    QFETCH(QString, expected);
    QStringList got;
    for (const ValueTick &tick : valueTicks(min, max, room * 20, 20).ticks)
        got += tick.label;
    QCOMPARE(got.join(u' '), expected);
}

void TestAxes::logLabels_data()
{
    QTest::addColumn<double>("low"); // values
    QTest::addColumn<double>("high");
    QTest::addColumn<int>("labels"); // room for so many
    QTest::addColumn<QString>("expected");
    QTest::newRow("decades") << 1.0 << 10'000.0 << 5 << "1 10 100 1000 10000";
    QTest::newRow("room between decades") << 1.0 << 100.0 << 20 << "1 2 5 10 20 50 100";
    QTest::newRow("many decades") << 1e-6 << 1e6 << 5 << "1e-06 0.001 1 1000 1e+06";
    QTest::newRow("within a decade") << 20.0 << 80.0 << 6 << "20 40 60 80";
    QTest::newRow("a little") << 1000.0 << 1000.5 << 4 << "1000.0 1000.2 1000.4";
    QTest::newRow("nothing") << 10.0 << 10.0 << 5 << "";
}

void TestAxes::logLabels()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(int, labels);
    QFETCH(QString, expected);
    QStringList got;
    const auto ticks = logTicks(std::log10(low), std::log10(high), labels * 20, 20);
    for (const auto &tick : ticks.ticks) {
        QVERIFY(std::abs(std::pow(10, tick.value) / tick.label.toDouble() - 1) < 1e-9);
        got << tick.label;
    }
    QCOMPARE(got.join(u' '), expected);
}

void TestAxes::paddedRanges()
{
    for (const auto &[min, max] :
         {std::pair(1.0, 2.0), std::pair(5.0, 5.0), std::pair(0.0, 0.0), std::pair(-1.7e308, 1.7e308), std::pair(2.0, 1.0)}) {
        const auto [low, high] = paddedRange(min, max);
        QVERIFY(std::isfinite(low) && std::isfinite(high) && low < high);
        QVERIFY(min > max || (low <= min && max <= high));
    }
}

void TestAxes::coloursStandOut()
{
    for (const bool isDark : {false, true}) {
        std::set<std::pair<QRgb, int>> seen;
        for (int i = 0; i < 32; ++i) {
            const QRgb colour = seriesColour(i, isDark);
            QVERIFY2(contrast(colour, isDark ? qRgb(0x20, 0x20, 0x20) : qRgb(255, 255, 255)) >= 3, qPrintable(QColor(colour).name()));
            QVERIFY(seen.emplace(colour, seriesDash(i)).second);
        }
    }
}

QTEST_GUILESS_MAIN(TestAxes)
#include "tst_axes.moc"
