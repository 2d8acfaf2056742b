#include "items/unwatched.h"
#include "items/texts.h"

#include <QDateTime>
#include <QTest>

using namespace sg;

class TestUnwatched : public QObject
{
    Q_OBJECT

private:
    static Time at(int minutes)
    {
        const auto midnight = QDateTime(QDateTime::currentDateTimeUtc().date(), QTime(0, 0), displayZone());
        return Time(std::chrono::seconds(midnight.toSecsSinceEpoch())) + std::chrono::minutes(minutes);
    }
    static SourceRow source(const char *id, std::optional<Unwatched> unwatched)
    {
        SourceRow row;
        row.id = id;
        row.unwatched = unwatched;
        return row;
    }

private Q_SLOTS:
    void initTestCase() { setDisplayZone(QTimeZone::utc()); }

    void tells_data()
    {
        QTest::addColumn<QList<Unwatched>>("away"); // of kafka, mqtt
        QTest::addColumn<QString>("lines");
        QTest::addColumn<bool>("isFinal"); // the first
        const Time from = at(192), to = at(460);
        const auto row = [](const char *name, QList<Unwatched> away, const char *lines, bool isFinal) {
            QTest::newRow(name) << away << QString::fromUtf8(lines) << isFinal;
        };
        row("not back yet", {{from}, {from}}, "Not watched 03:12:00 – 07:40:00.", false);
        row("catching up", {{from, to, true, false, 2, 1, 0}, {from, to}},
            "Not watched 03:12:00 – 07:40:00: 2 raised, 1 cleared so far; kafka still catching up.", false);
        row("all known", {{from, to, false, false, 3, 2, 1}, {from, to, false, true}},
            "Not watched 03:12:00 – 07:40:00: 3 raised, 1 still active, 2 cleared; mqtt not recoverable.", true);
        row("quiet", {{from, to}, {from, to}}, "Not watched 03:12:00 – 07:40:00: nothing was raised.", true);
        row("one was lost later", {{at(480), at(490), false, false, 1, 0, 1}, {from, to}},
            "Not watched 03:12:00 – 07:40:00: nothing was raised.\n"
            "kafka was not read 08:00:00 – 08:10:00: 1 raised, 1 still active, 0 cleared.",
            true);
        row("one was lost later, and nothing came of it", {{at(480), at(490)}, {from, to}},
            "Not watched 03:12:00 – 07:40:00: nothing was raised.", true);
        row("one is lost", {{at(480)}, {from, to}}, "Not watched 03:12:00 – 07:40:00: nothing was raised.", true);
    }
    void tells()
    {
        QFETCH(QList<Unwatched>, away);
        QFETCH(QString, lines);
        QFETCH(bool, isFinal);
        Snapshot snapshot;
        snapshot.notWatchedFrom = at(192);
        snapshot.watchedSince = at(460);
        snapshot.sources = {source("kafka", away[0]), source("mqtt", away[1]), source("postgres", {})};
        QStringList told;
        const auto all = unwatchedLines(snapshot);
        for (const auto &line : all)
            told << line.text;
        QCOMPARE(told.join(u'\n'), lines);
        QCOMPARE(all.front().isFinal, isFinal);
    }

    void aFirstStartHasNothingToTell()
    {
        Snapshot snapshot;
        snapshot.watchedSince = at(460);
        snapshot.sources = {source("kafka", {})};
        QVERIFY(unwatchedLines(snapshot).empty());
    }
};

QTEST_GUILESS_MAIN(TestUnwatched)
#include "tst_unwatched.moc"
