#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

// A source's path that was changed: refused as long as history and alarms hang on the one before, and `rename` moves them along. On the
// demo plant, whose pumps tell line and device by name.
namespace {

struct Ended
{
    int status = -1;
    QString out, err;
};

Ended run(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(SG_AGENT), arguments);
    if (!process.waitForFinished(60'000)) {
        process.kill();
        process.waitForFinished();
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

constexpr const char *Pumps = "pumps";
constexpr const char *Sentence
    = "workspace.yaml:6: source 'pumps': its history and alarms are kept by the path [line, device], so this one is "
      "refused; give the source a new id, or, for the same labels by other names or in another order, stop what "
      "evaluates and run sightglass-agent rename pumps";

}

class RenameTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void aNewOrderIsRefusedUntilItIsRenamed();
    void whatRunsGoesOnAfterARefusedEdit();
    void anotherNumberOfLabelsIsAnotherThing();
    void aSourceWithoutHistoryMayChange();

private:
    void write(const char *path, const char *id = Pumps) const
    {
        QDir().mkpath(m_home->filePath(QStringLiteral("w/rules")));
        const auto put = [&](const QString &name, const QByteArray &text) {
            QFile file(m_home->filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        };
        put(QStringLiteral("w/workspace.yaml"),
            QByteArray("format: 1\nname: Plant\nsources:\n  - id: ") + id + "\n    demo: { plant: pumps, seed: 1 }\n    path: " + path
                + "\n    time: { basis: broker }\n    decode: { json: { fields: { flow: { at: /flow } } } }\n");
        put(QStringLiteral("w/rules/a.yaml"),
            QByteArray("format: 1\ndefaults: { priority: low, action: look }\nrules:\n"
                       "  - { id: flowing, series: pumps/*/*/flow, high: { limit: 0.1 } }\n"
                       "  - { id: lines, series: pumps/*/*/flow, per: [line], window: { take: max, over: 1s }, "
                       "high: { limit: 0.1 } }\n"));
    }
    Ended agent(QStringList words) const
    {
        return run(words << QStringLiteral("--workspace") << m_home->filePath(QStringLiteral("w")) << QStringLiteral("--state")
                         << m_home->filePath(QStringLiteral("s")));
    }
    Ended watch(const char *time = "6s") const { return agent({QStringLiteral("run"), QStringLiteral("--for"), QLatin1String(time)}); }
    QList<QJsonObject> rows(const QStringList &words) const
    {
        QList<QJsonObject> out;
        const auto lines = agent(QStringList(words) << QStringLiteral("--json")).out.toUtf8().split('\n');
        for (const QByteArray &line : lines)
            if (!line.isEmpty())
                out << QJsonDocument::fromJson(line).object();
        return out;
    }
    // "rule key" -> occurrence
    QMap<QString, QString> alarms() const
    {
        QMap<QString, QString> out;
        const auto all = rows({QStringLiteral("alarms")});
        for (const QJsonObject &alarm : all)
            out.insert(alarm[QLatin1String("rule")].toString() + QLatin1Char(' ') + alarm[QLatin1String("key")].toString(),
                       alarm[QLatin1String("occurrence")].toVariant().toString());
        return out;
    }
    QStringList series() const
    {
        QStringList out;
        const auto all = rows({QStringLiteral("series")});
        for (const QJsonObject &one : all)
            out << one[QLatin1String("series")].toString();
        out.sort();
        return out;
    }
    QStringList events(const char *event) const
    {
        QStringList out;
        const auto all = rows({QStringLiteral("journal")});
        for (const QJsonObject &row : all)
            if (row[QLatin1String("event")].toString() == QLatin1String(event))
                out << row[QLatin1String("source")].toString() + QLatin1Char(' ') + row[QLatin1String("reason")].toString();
        return out;
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

void RenameTest::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    qputenv("XDG_STATE_HOME", m_home->path().toUtf8());
    qputenv("XDG_RUNTIME_DIR", m_home->path().toUtf8());
}

void RenameTest::aNewOrderIsRefusedUntilItIsRenamed()
{
    write("[line, device]");
    QCOMPARE(watch().status, 0);
    const auto before = alarms();
    const QStringList known = series();
    QVERIFY2(before.size() >= 3 && !known.isEmpty(), qPrintable(known.join(QLatin1Char(' '))));
    QVERIFY(before.contains(QStringLiteral("lines pumps/L1")));
    const Ended none = agent({QStringLiteral("rename"), QLatin1String(Pumps)});
    QVERIFY2(none.status == 1 && none.err.contains(QStringLiteral("there is nothing to rename")), qPrintable(none.err));

    write("[device, line]");
    const Ended check = agent({QStringLiteral("check")});
    QCOMPARE(check.status, 1);
    QVERIFY2(check.out.contains(QLatin1String(Sentence)), qPrintable(check.out));
    QCOMPARE(watch("3s").status, 0); // it is not read, and nothing of it is closed
    QCOMPARE(series(), known);
    QCOMPARE(alarms(), before);
    QVERIFY2(events("SOURCE_LOST").join(QLatin1Char('\n')).contains(QStringLiteral("are kept by the path [line, device]")),
             qPrintable(events("SOURCE_LOST").join(QLatin1Char('\n'))));

    const Ended renamed
        = agent({QStringLiteral("rename"), QLatin1String(Pumps), QStringLiteral("--reason"), QStringLiteral("device first")});
    QVERIFY2(renamed.status == 0, qPrintable(renamed.err));
    QCOMPARE(renamed.out, QStringLiteral("renamed %1 series of pumps: [line, device] is [device, line] now\n").arg(known.size()));
    QCOMPARE(agent({QStringLiteral("check")}).status, 0);
    QCOMPARE(events("SOURCE_RENAMED"), QStringList{QStringLiteral("pumps [line, device] is [device, line]: device first")});
    const auto turned = [](const QString &path, int fields) {
        QStringList parts = path.split(QLatin1Char('/'));
        if (parts.size() == 3 + fields)
            parts.swapItemsAt(1, 2);
        return parts.join(QLatin1Char('/'));
    };
    QStringList wanted;
    for (const QString &path : known)
        wanted << turned(path, 1);
    wanted.sort();
    QCOMPARE(series(), wanted);
    const auto same = [&] {
        QMap<QString, QString> out;
        for (auto it = before.begin(); it != before.end(); ++it)
            out.insert(turned(it.key(), 0), it.value());
        return out;
    };
    QCOMPARE(alarms(), same());
    QCOMPARE(watch().status, 0); // the same occurrences go on, and no series is new
    QCOMPARE(alarms(), same());
    QCOMPARE(series(), wanted);
    QVERIFY(events("CLEARED").isEmpty() && events("DELETED").isEmpty() && events("REDEFINED").isEmpty());
    QCOMPARE(agent({QStringLiteral("journal"), QStringLiteral("--verify")}).status, 0);
}

void RenameTest::whatRunsGoesOnAfterARefusedEdit()
{
    write("[line, device]");
    QCOMPARE(watch("3s").status, 0);
    QProcess process;
    process.start(QStringLiteral(SG_AGENT),
                  {QStringLiteral("run"), QStringLiteral("--workspace"), m_home->filePath(QStringLiteral("w")), QStringLiteral("--state"),
                   m_home->filePath(QStringLiteral("s"))});
    QVERIFY(process.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(events("SOURCE_LIVE").size() == 2, 20'000);
    write("[device, line]");
    const Ended applied = agent({QStringLiteral("apply")});
    const Ended held = agent({QStringLiteral("rename"), QLatin1String(Pumps)});
    QTest::qWait(2000);
    process.terminate();
    QVERIFY(process.waitForFinished(20'000));
    QVERIFY2(applied.status == 0, qPrintable(applied.err));
    QVERIFY2(held.status != 0, qPrintable(held.out)); // not while it is evaluated
    QVERIFY2(events("SOURCE_LOST").isEmpty(), qPrintable(events("SOURCE_LOST").join(QLatin1Char('\n'))));
    const QStringList all = series();
    QVERIFY(std::all_of(all.begin(), all.end(), [](const QString &path) { return path.startsWith(QStringLiteral("pumps/L")); }));
}

void RenameTest::anotherNumberOfLabelsIsAnotherThing()
{
    write("[line, device]");
    QCOMPARE(watch("3s").status, 0);
    write("[device]");
    const Ended check = agent({QStringLiteral("check")});
    QVERIFY2(check.status == 1 && check.out.contains(QLatin1String(Sentence)), qPrintable(check.out));
    const Ended renamed = agent({QStringLiteral("rename"), QLatin1String(Pumps)});
    QVERIFY2(
        renamed.status == 1
            && renamed.err.contains(QStringLiteral("its path had 2 labels and has 1 now; that makes other things of its keys, so give it a "
                                                   "new id")),
        qPrintable(renamed.err));
}

void RenameTest::aSourceWithoutHistoryMayChange()
{
    write("[line, device]");
    QCOMPARE(watch("3s").status, 0);
    write("[device, line]", "others"); // a new id
    const Ended check = agent({QStringLiteral("check")});
    QVERIFY2(!check.out.contains(QStringLiteral("are kept by the path")), qPrintable(check.out));
}

QTEST_GUILESS_MAIN(RenameTest)
#include "tst_rename.moc"
