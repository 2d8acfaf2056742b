#include <QtTest>

#include <map>

// The tables of ARCHITECTURE.md (row of the transition table -> tests) and of tests/alarms/README.md (edge case of a condition type ->
// tests) are read here, so that they cannot go stale: every test they name exists and passes, and each one named for row n fails when
// row n is switched off (see models/alarms/tablerow.h). A test is named as one runs it: `tst_scripts scripts:on-delay`.
namespace {

struct Named
{
    QString row; // first cell
    QString program, test;
};

constexpr int Rows = 32;

// `heading`: of the section whose tables are read.
QList<Named> namedIn(const QString &file, const QString &heading)
{
    QFile in(QStringLiteral(SG_SOURCE_DIR "/") + file);
    if (!in.open(QIODevice::ReadOnly))
        return {};
    QList<Named> out;
    static const QRegularExpression command(QStringLiteral("`(tst_[a-z]+) ([^`]+)`"));
    bool isInside = false;
    for (const QString &line : QString::fromUtf8(in.readAll()).split(QLatin1Char('\n'))) {
        if (line.startsWith(QLatin1Char('#')))
            isInside = line.contains(heading);
        if (!isInside || !line.startsWith(QLatin1Char('|')))
            continue;
        const QString row = line.section(QLatin1Char('|'), 1, 1).trimmed();
        for (auto found = command.globalMatch(line); found.hasNext();) {
            const auto match = found.next();
            out.append({row, match.captured(1), match.captured(2)});
        }
    }
    return out;
}

QList<Named> transitions()
{
    return namedIn(QStringLiteral("ARCHITECTURE.md"), QStringLiteral("Transitions and their tests"));
}

QList<Named> edges()
{
    return namedIn(QStringLiteral("tests/alarms/README.md"), QStringLiteral("Edge cases"));
}

struct Ran
{
    bool isWell = false;
    QString says;
};

Ran run(const QString &program, const QStringList &tests, int off)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("SIGHTGLASS_ROW_OFF"), QString::number(off));
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QCoreApplication::applicationDirPath() + QLatin1Char('/') + program, tests);
    Ran ran;
    if (!process.waitForFinished(60'000)) {
        process.kill();
        process.waitForFinished();
        ran.says = QStringLiteral("no end: ");
    }
    ran.isWell = process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0 && ran.says.isEmpty();
    ran.says += QString::fromUtf8(process.readAll());
    return ran;
}

}

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRowIsNamed()
    {
        QSet<int> named;
        for (const Named &one : transitions())
            named.insert(one.row.toInt());
        for (int row = 1; row <= Rows; ++row)
            QVERIFY2(named.contains(row), qPrintable(QStringLiteral("ARCHITECTURE.md names no test for transition %1").arg(row)));
        QCOMPARE(named.size(), qsizetype(Rows));
    }

    void everyConditionTypeHasItsEdges()
    {
        QSet<QString> types;
        for (const Named &one : edges())
            types.insert(one.row);
        for (const char *type : {"all", "threshold", "hysteresis", "on-delay", "off-delay", "count", "rate of change", "absence",
                                 "deviation", "window", "state change", "ratio", "lag", "freshness", "quality", "composite", "flood"})
            QVERIFY2(types.contains(QString::fromLatin1(type)), type);
    }

    void whatIsNamedPasses_data()
    {
        QTest::addColumn<QStringList>("tests");
        std::map<QString, QStringList> byProgram;
        for (const Named &one : transitions() + edges())
            if (QStringList &tests = byProgram[one.program]; !tests.contains(one.test))
                tests.append(one.test);
        for (const auto &[program, tests] : byProgram)
            QTest::newRow(qPrintable(program)) << tests;
    }

    void whatIsNamedPasses()
    {
        QFETCH(QStringList, tests);
        const QString program = QString::fromUtf8(QTest::currentDataTag());
        const Ran ran = run(program, tests, 0);
        QVERIFY2(ran.isWell, qPrintable(ran.says));
        // A data row that does not exist would pass as well.
        for (const QString &test : tests) {
            const QString name = QStringLiteral("::%1(%2)").arg(test.section(QLatin1Char(':'), 0, 0), test.section(QLatin1Char(':'), 1));
            QVERIFY2(ran.says.contains(name), qPrintable(QStringLiteral("there is no %1 %2").arg(program, test)));
        }
    }

    void failsWithoutItsRow_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QString>("program");
        QTest::addColumn<QString>("test");
        for (const Named &one : transitions())
            QTest::newRow(qPrintable(one.row + QStringLiteral(": ") + one.program + QLatin1Char(' ') + one.test))
                << one.row.toInt() << one.program << one.test;
    }

    void failsWithoutItsRow()
    {
        QFETCH(int, row);
        QFETCH(QString, program);
        QFETCH(QString, test);
        const QString switched = program + QStringLiteral("_switched");
        QVERIFY(QFile::exists(QCoreApplication::applicationDirPath() + QLatin1Char('/') + switched));
        const Ran on = run(switched, {test}, 0);
        QVERIFY2(on.isWell, qPrintable(on.says));
        const Ran off = run(switched, {test}, row);
        QVERIFY2(!off.isWell && off.says.contains(QLatin1String("FAIL!")), qPrintable(off.says));
    }

    // The library of the program knows nothing of the switch.
    void theProgramHasNoSwitch()
    {
        const QStringList test{QStringLiteral("table:2: true raises")};
        QVERIFY(!run(QStringLiteral("tst_transition_switched"), test, 2).isWell);
        const Ran ran = run(QStringLiteral("tst_transition"), test, 2);
        QVERIFY2(ran.isWell, qPrintable(ran.says));
    }
};

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
