#include <QtTest>

#include "alarms/kpi.h"

#include <cmath>
#include <sstream>

using namespace sg;

namespace {

const Time Midnight = Time(std::chrono::seconds(1'767'225'600)); // 2026-01-01T00:00:00Z

Time at(double seconds)
{
    return Midnight + Micros(std::llround(seconds * 1e6));
}

// One record a word: `R:a:100` raised, C cleared, A acknowledged, E escalated, S raised while shelved, H shelved, O unshelved, L late and
// closed, B raised on a bad value, X superseded, Z acknowledged the one before, all of alarm a at 100 s; `100@150` was found out at 150 s.
// `UP:0:10` started at 10 s, not watched since 0; DOWN:20 stopped; GAP:0:10; BEHIND:0:10 was catching up. An alarm "high-x" has high
// priority, "area/x" its area.
std::vector<JournalRow> journalOf(const std::string &script)
{
    std::vector<JournalRow> out;
    std::map<std::string, std::uint64_t> occurrence, before;
    std::istringstream words(script);
    std::string word;
    while (words >> word) {
        std::vector<std::string> parts;
        std::istringstream split(word);
        for (std::string part; std::getline(split, part, ':');)
            parts.push_back(part);
        JournalRow row;
        row.seq = out.size() + 1;
        const Time t = at(std::stod(parts.back()));
        row.tEvent = row.tDetect = t;
        if (const auto found = parts.back().find('@'); found != std::string::npos)
            row.tDetect = at(std::stod(parts.back().substr(found + 1)));
        if (parts[0].size() > 1) {
            const Time from = parts.size() > 2 ? at(std::stod(parts[1])) : NoTime;
            row.event = parts[0] == "UP" ? "STARTED" : parts[0] == "DOWN" ? "STOPPED" : parts[0] == "GAP" ? "GAP" : "CATCHUP";
            if (row.event != "STARTED" && row.event != "STOPPED")
                row.source = "press";
            if (row.event == "CATCHUP")
                row.tEvent = from;
            else
                row.tStamp = from;
            out.push_back(row);
            continue;
        }
        const std::string name = parts[1];
        row.rule = name.substr(name.find('/') == std::string::npos ? 0 : name.find('/') + 1);
        row.area = name.find('/') == std::string::npos ? "shop" : name.substr(0, name.find('/'));
        row.key = "press/" + row.rule;
        row.priority = row.rule.starts_with("high-") ? "high" : row.rule.starts_with("urgent-") ? "urgent" : "low";
        row.to = "Unacknowledged";
        const char what = parts[0][0];
        if (what == 'R' || what == 'S' || what == 'L' || what == 'B')
            before[name] = std::exchange(occurrence[name], 1000 + out.size());
        if (what == 'Z')
            row.occurrence = before[name];
        else
            row.occurrence = occurrence[name];
        switch (what) {
        case 'R':
            row.event = "RAISED";
            break;
        case 'S':
            row.event = "RAISED";
            row.to = "Shelved";
            break;
        case 'B':
            row.event = "RAISED";
            row.quality = Quality::Uncertain;
            break;
        case 'L':
            row.event = "LATE_CLOSED";
            row.to = "Normal";
            break;
        case 'E':
            row.event = "ESCALATED";
            break;
        case 'C':
            row.event = "CLEARED";
            row.to = "Normal";
            break;
        case 'X':
            row.event = "SUPERSEDED";
            break;
        case 'A':
        case 'Z':
            row.event = "ACKNOWLEDGED";
            row.actor = "ann@desk";
            row.to = "Acknowledged";
            break;
        case 'H':
            row.event = "SHELVED";
            row.actor = "ann@desk";
            row.to = "Shelved";
            row.reason = "works";
            break;
        case 'O':
            row.event = "UNSHELVED";
            row.actor = "ann@desk";
            break;
        default:
            qFatal("%s", word.c_str());
        }
        out.push_back(row);
    }
    return out;
}

// `count` raises of alarm `name`, each cleared 1 s later, `step` apart.
std::string raises(const std::string &name, int count, double first, double step)
{
    std::string out;
    for (int i = 0; i < count; ++i) {
        const std::string t = std::to_string(first + i * step), end = std::to_string(first + i * step + std::min(1.0, step / 2));
        out += " R:" + name + ":" + t + " C:" + name + ":" + end;
    }
    return out;
}

KpiReport reportOf(const std::string &script, double seconds, std::shared_ptr<const RuleSet> rules = nullptr)
{
    KpiOptions options;
    options.from = at(0);
    options.to = at(seconds);
    options.lastSeen = at(seconds);
    options.rules = std::move(rules);
    KpiBook book(options);
    for (const JournalRow &row : journalOf(script))
        book.take(row);
    return book.report();
}

constexpr double Hour = 3600, Day = 86'400;

}

class TestKpi : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbers_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<double>("seconds"); // of the report
        QTest::addColumn<QString>("kpi");
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("grade");
        QTest::addColumn<int>("records"); // that it names
        const auto row = [](const char *name, const std::string &script, double seconds, const char *kpi, double value, const char *grade,
                            int records) {
            QTest::newRow(name) << QString::fromStdString("UP:0:0 " + script) << seconds << QString::fromUtf8(kpi) << value
                                << QString::fromUtf8(grade) << records;
        };
        row("a day", raises("a", 10, 0, Hour), 2 * Day, "alarms_per_day", 5, "meets", 10);
        row("a day, downtime does not count", raises("a", 10, 0, 600) + " DOWN:43200 UP:43200:86400", 2 * Day, "alarms_per_day", 10 / 1.5,
            "meets", 10);
        row("a day, what nobody stopped", raises("a", 10, 0, 600) + " UP:43200:86400", 2 * Day, "alarms_per_day", 10 / 1.5, "meets", 10);
        row("a day, gaps do not count", raises("a", 10, 0, 600) + " GAP:43200:86400", 2 * Day, "alarms_per_day", 10 / 1.5, "meets", 10);
        row("a day, over both twice excluded", raises("a", 10, 0, 600) + " GAP:43200:86400 DOWN:50000 UP:50000:90000", 2 * Day,
            "alarms_per_day", 10 / (2 - 46'800 / Day), "meets", 10);
        // 10 of the first hour, and 5 of the 12 h that do not count: 10 in 1.5 days.
        row("a day, what was raised in excluded time", raises("a", 10, 0, 300) + raises("b", 5, 50'000, 600) + " GAP:43200:86400", 2 * Day,
            "alarms_per_day", 10 / 1.5, "meets", 10);
        row("an hour, what was raised in excluded time", raises("a", 3, 0, 300) + raises("b", 5, 4'000, 60) + " DOWN:3600 UP:3600:7200",
            3 * Hour, "alarms_per_hour", 1.5, "meets", 3);
        row("a day, over target", raises("a", 200, 0, 400), Day, "alarms_per_day", 200, "over target", 200);
        row("a day, over maximum", raises("a", 400, 0, 200), Day, "alarms_per_day", 400, "over maximum", 400);
        row("suppressed ones do not count", "S:a:10 C:a:20 R:b:30", Day, "alarms_per_day", 1, "meets", 1);
        row("late and closed ones do not count", "L:a:10 R:b:30", Day, "alarms_per_day", 1, "meets", 1);
        row("escalations count", "R:a:10 E:a:20 C:a:30", Day, "alarms_per_day", 2, "meets", 2);
        row("an hour", raises("a", 18, 0, 100), 2 * Hour, "alarms_per_hour", 9, "over target", 18);
        row("10 min, empty ones count", raises("a", 3, 0, 100), Hour, "alarms_per_10min", 0.5, "meets", 3);
        row("busy hours", raises("a", 31, 0, 100) + raises("a", 30, Hour, 100), 4 * Hour, "hours_over_30", 25, "too short to grade", 31);
        row("busy hours of a day", raises("a", 31, 0, 100) + raises("a", 30, Hour, 100), Day, "hours_over_30", 100.0 / 24, "over maximum",
            31);
        row("busy windows lie on the clock", raises("a", 6, 595, 0.5) + raises("a", 6, 600, 0.5), Day, "windows_over_10", 0, "meets", 0);
        row("the most in 10 min does not", raises("a", 6, 595, 0.5) + raises("a", 6, 600, 0.5), 2 * Hour, "max_10min", 12, "over maximum",
            12);
        row("most in 10 min, exactly 10 min apart", "R:a:0 C:a:1 R:a:600", Day, "max_10min", 1, "meets", 2);
        row("peak minute", raises("a", 3, 10, 10), Hour, "peak_minute", 3, "over maximum", 3);
        row("peak hour", raises("a", 15, 0, 300), Day, "peak_hour", 12, "meets", 15);
        row("ten are no flood", raises("a", 10, 0, 10), Day, "floods", 0, "meets", 0);
        row("no flood in an hour says little", raises("a", 10, 0, 10), Hour, "floods", 0, "too short to grade", 0);
        row("two minutes are no day", raises("a", 3, 0, 30), 120, "alarms_per_day", 2160, "too short to grade", 3);
        row("two minutes are no hour", raises("a", 3, 0, 30), 120, "alarms_per_hour", 90, "too short to grade", 3);
        row("eleven are one", raises("a", 11, 0, 10), Hour, "floods", 1, "over maximum", 1);
        // It begins with the 11th at 100 s and ends when the 7th is 10 min old and 4 are left: 660 s. 560 of 3600 s.
        row("time in flood", raises("a", 11, 0, 10), Hour, "time_in_flood", 100 * 560.0 / 3600, "too short to grade", 1);
        // It lasts from 100 to 660 s; 300 to 900 s do not count: 200 of 3000 s.
        row("time in flood, but for excluded time", raises("a", 11, 0, 10) + " GAP:300:900", Hour, "time_in_flood", 100 * 200.0 / 3000,
            "too short to grade", 1);
        row("top ten", raises("a", 10, 0, 100) + raises("b", 1, 0, 1), Hour, "top10_load", 100, "-", 11);
        row("chattering", raises("a", 3, 0, 30) + raises("b", 3, 0, 31), Hour, "chattering", 1, "over maximum", 3);
        row("fleeting", "R:a:0 C:a:9.9 R:b:100 C:b:110 R:c:200 A:c:201 C:c:202", Hour, "fleeting", 1, "over maximum", 1);
        row("chattering is not fleeting", raises("a", 3, 0, 30), Day, "fleeting", 0, "meets", 0);
        row("stale", "R:a:3600 R:b:90000 C:a:180000", 3 * Day, "stale", 1, "meets", 1);
        row("priorities", "R:high-a:1 R:b:2 R:c:3 R:d:4", Day, "priority_high", 25, "over maximum", 1);
        row("highest priority", "R:urgent-a:1 R:b:2", Day, "priority_urgent", 50, "over maximum", 1);
        row("time to acknowledge", "R:a:0 A:a:10 R:b:0 A:b:20 R:c:0 A:c:60 R:d:0", Hour, "ack_p50", 20, "-", 3);
        row("longest time to acknowledge", "R:a:0 A:a:10 R:b:0 A:b:20 R:c:0 A:c:60", Hour, "ack_max", 60, "-", 3);
        // The operator's wait began with the raise at 0, whatever came behind it; the one after the acknowledgement is another wait.
        row("time to acknowledge what chatters", "R:a:0 C:a:10 X:a:20 R:a:20 C:a:30 X:a:40 R:a:40 A:a:50 C:a:55 R:a:60 A:a:63", Hour,
            "ack_max", 50, "-", 2);
        row("what was superseded is not never acknowledged", "R:a:0 C:a:10 X:a:20 R:a:20 C:a:30 A:a:50 R:b:0 C:b:1 X:b:2 R:b:2", Hour,
            "never_acked", 1, "-", 1);
        row("acknowledging an older one ends the wait of that one", "R:a:0 C:a:10 X:a:20 R:a:20 Z:a:25 A:a:50", Hour, "ack_max", 30, "-",
            2);
        row("high acknowledged late, in a newer one", "R:high-a:0 C:high-a:3 X:high-a:700 R:high-a:700 A:high-a:710", Hour, "ack_late_high",
            1, "over maximum", 1);
        row("never acknowledged", "R:a:0 A:a:10 R:b:0", Hour, "never_acked", 1, "-", 1);
        row("high still not acknowledged", "R:high-a:0 C:high-a:3 R:b:0", Hour, "ack_late_high", 1, "over maximum", 1);
        row("high acknowledged later in a newer one", "R:high-a:0 C:high-a:3 R:high-a:700 A:high-a:710", Day, "ack_late_high", 0, "meets",
            0);
        row("high acknowledged late", "R:high-a:0 A:high-a:601 R:b:0 A:b:700", Hour, "ack_late_high", 1, "over maximum", 1);
        row("time active", "R:a:0 C:a:10 R:b:0 C:b:30 R:c:0", Hour, "active_max", 30, "-", 2);
        row("found out late", "R:a:0 R:b:5 L:c:6 R:d:7", Day, "late", 25, "over maximum", 1);
        row("on doubtful values", "R:a:0 B:b:5", Day, "bad_quality", 50, "over maximum", 1);
        std::string bulk;
        for (int i = 0; i < 10; ++i)
            bulk += " R:a" + std::to_string(i) + ":" + std::to_string(i) + " A:a" + std::to_string(i) + ":100." + std::to_string(i);
        row("bulk acknowledgements", bulk, Hour, "bulk_acks", 1, "over maximum", 10);
        row("explained", "H:a:1", Day, "unexplained_changes", 0, "meets", 0);
        row("while catching up only what stays counts", "R:a:50 C:a:55 R:b:56 BEHIND:40:60 R:c:70", Day, "alarms_per_day", 2, "meets", 2);
        // a and urgent-d came and went before 120 s and 10 s; b, c and urgent-e were there then or came later, and sounded.
        row("a long catching up is not silent for ever",
            "R:urgent-d:45 C:urgent-d:49 R:urgent-e:51 C:urgent-e:52 R:a:60 C:a:70 R:b:150 C:b:161 R:c:170 C:c:180 BEHIND:40:400", Day,
            "alarms_per_day", 3, "meets", 3);
        // The record tells of 5 s, but the end was known to nobody before 165 s.
        row("catching up, and over too late", "R:a:50@60 C:a:55@165 BEHIND:40:400", Day, "alarms_per_day", 1, "meets", 1);
    }
    void numbers()
    {
        QFETCH(QString, script);
        QFETCH(double, seconds);
        QFETCH(QString, kpi);
        QFETCH(double, value);
        QFETCH(QString, grade);
        QFETCH(int, records);
        const KpiReport report = reportOf(script.toStdString(), seconds);
        const auto found = std::find_if(report.scorecard.begin(), report.scorecard.end(),
                                        [&](const Kpi &one) { return one.id == kpi.toStdString() && one.area.empty(); });
        QVERIFY(found != report.scorecard.end());
        QVERIFY2(std::abs(found->value - value) < 1e-6, qPrintable(QString::number(found->value)));
        QCOMPARE(QString::fromUtf8(nameOf(found->grade)), grade);
        QCOMPARE(found->rows ? int(found->rows->size()) : 0, records);
    }

    void whatWasNotWatchedIsSaid()
    {
        const KpiReport report = reportOf("UP:0:0 GAP:100:200 DOWN:150 UP:150:300 R:a:400", 1000);
        QCOMPARE(report.excluded.size(), std::size_t(2));
        QCOMPARE(report.excluded[0].from, at(100));
        QCOMPARE(report.excluded[0].to, at(200));
        QCOMPARE(report.excluded[0].why, std::string("GAP"));
        QCOMPARE(report.excluded[1].from, at(200)); // not twice
        QCOMPARE(report.excluded[1].to, at(300));
        QCOMPARE(report.watched, Micros(std::chrono::seconds(800)));
        QVERIFY(report.isIndicative);
        QVERIFY(!reportOf("UP:0:0 R:a:1", 30 * Day).isIndicative);
        QCOMPARE(report.annunciated, std::size_t(1));
        QVERIFY(!report.notComputed.empty());
    }

    // The first start reads what a queue kept for 40 days: watching began with the start.
    void aBacklogIsNoWatching()
    {
        KpiOptions options;
        options.lastSeen = at(Hour + Day);
        KpiBook book(options);
        for (const JournalRow &row : journalOf("UP:3600 R:a:-3456000@3610 R:b:5000 R:c:6000"))
            book.take(row);
        const KpiReport report = book.report();
        QCOMPARE(report.from, at(Hour));
        QCOMPARE(report.to, at(Hour + Day));
        QCOMPARE(report.watched, Micros(std::chrono::hours(24)));
        QVERIFY(report.isIndicative);
        // What happened before that is in no rate.
        QCOMPARE(report.scorecard.front().id, std::string("alarms_per_day"));
        QCOMPARE(report.scorecard.front().value, 2.0);
    }

    // What a table counts in its title: alarms, and not its rows where these are kinds or hours.
    void tablesCountWhatTheyName()
    {
        const KpiReport report = reportOf("UP:0:0 H:a:0 H:b:10 O:a:20 R:c:30", 2 * Hour);
        std::map<std::string, std::optional<std::size_t>> counts;
        for (const KpiTable &table : report.tables)
            counts[table.id] = table.count;
        QCOMPARE(counts["suppressed"], std::optional<std::size_t>(1));
        QCOMPARE(counts["suppressions"], std::optional<std::size_t>(2));
        QCOMPARE(counts["bad_actors"], std::optional<std::size_t>(1));
        QVERIFY(!counts["hours"] && !counts["acknowledging"] && !counts["detection"]);
        QVERIFY(report.isTooShort);
        QVERIFY(!reportOf("UP:0:0 R:a:1", Day).isTooShort);
    }

    void areasStandForThemselves()
    {
        const KpiReport report = reportOf("UP:0:0 R:north/a:1 R:north/b:2 R:south/c:3", Day);
        std::map<std::string, double> perDay;
        for (const Kpi &one : report.scorecard)
            if (one.id == "alarms_per_day")
                perDay[one.area] = one.value;
        QCOMPARE(perDay, (std::map<std::string, double>{{"", 3}, {"north", 2}, {"south", 1}}));
    }

    void tables_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("table");
        QTest::addColumn<QString>("expected"); // cells of the first row, times as seconds
        QTest::newRow("floods") << QString::fromStdString(raises("a", 6, 0, 10) + raises("b", 6, 60, 10)) << "floods"
                                << "shop|100|670|2|12|a press/a|b 2";
        QTest::newRow("bad actors") << QString::fromStdString(raises("a", 3, 0, 100) + raises("b", 1, 0, 10)) << "bad_actors"
                                    << "a|3|75|75";
        QTest::newRow("chattering") << QString::fromStdString(raises("a", 4, 0, 20) + raises("a", 3, 1000, 20)) << "chattering"
                                    << "a|press/a|2|7|sightglass-agent advise a";
        QTest::newRow("suppressions") << "H:a:0 O:a:3600"
                                      << "suppressions"
                                      << "shelved|a|press/a|0|3600|1|ann@desk|works||1";
        QTest::newRow("suppressed") << "H:a:0 H:b:10 O:a:20"
                                    << "suppressed"
                                    << "shelved|1|2|2.00277778";
        QTest::newRow("acknowledging") << "R:a:0 A:a:10 C:a:30 R:b:0"
                                       << "acknowledging"
                                       << "low|2|10|10|10|1|30|30|30";
        QTest::newRow("pairs") << QString::fromStdString(raises("a", 5, 0, 300) + raises("b", 5, 30, 300)) << "pairs"
                               << "a press/a|b press/b|5|5|100";
    }
    void tables()
    {
        QFETCH(QString, script);
        QFETCH(QString, table);
        QFETCH(QString, expected);
        const KpiReport report = reportOf(script.toStdString(), 2 * Hour);
        const auto found
            = std::find_if(report.tables.begin(), report.tables.end(), [&](const KpiTable &one) { return one.id == table.toStdString(); });
        QVERIFY(found != report.tables.end() && !found->rows.empty());
        QStringList cells;
        for (const KpiCell &cell : found->rows.front()) {
            if (const auto *text = std::get_if<std::string>(&cell))
                cells << QString::fromStdString(*text);
            else if (const auto *number = std::get_if<double>(&cell))
                cells << QString::number(*number, 'g', 9);
            else
                cells << QString::number(std::chrono::duration<double>(std::get<Time>(cell) - Midnight).count());
        }
        QCOMPARE(cells.join(QLatin1Char('|')), expected);
        QCOMPARE(found->rows.front().size(), found->columns.size());
    }

    void anEmptyJournalIsAReportToo()
    {
        KpiBook book({});
        const KpiReport report = book.report();
        QCOMPARE(report.annunciated, std::size_t(0));
        QCOMPARE(report.watched, Micros(0));
    }
};

QTEST_GUILESS_MAIN(TestKpi)
#include "tst_kpi.moc"
