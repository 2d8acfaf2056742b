#include "export/exporter.h"

#include "core/times.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>

using namespace sg;

namespace {

// RFC 4180 by the book, and nothing more: the reader that an export is checked against.
std::vector<std::vector<std::string>> readCsv(std::string_view text)
{
    std::vector<std::vector<std::string>> rows;
    std::size_t i = 0;
    while (i < text.size()) {
        auto &row = rows.emplace_back();
        while (true) {
            auto &field = row.emplace_back();
            if (i < text.size() && text[i] == '"') {
                for (++i; i < text.size(); ++i) {
                    if (text[i] == '"' && (i + 1 == text.size() || text[i + 1] != '"'))
                        break;
                    if (text[i] == '"')
                        ++i;
                    field += text[i];
                }
                ++i;
            } else {
                while (i < text.size() && text[i] != ',' && text[i] != '\r')
                    field += text[i++];
            }
            if (i < text.size() && text[i] == ',') {
                ++i;
                continue;
            }
            break;
        }
        if (text.substr(i, 2) != "\r\n")
            return {{"row does not end in CRLF at " + std::to_string(i)}};
        i += 2;
    }
    return rows;
}

Time at(std::int64_t micros)
{
    return Time(Micros(1'791'763'200'000'000 + micros)); // 2026-10-12T00:00:00Z
}

class TestExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_data();
    void fields();
    void numbers_data();
    void numbers();
    void times_data();
    void times();
    void seriesComeBackFromTheFile();
    void journalComesBackFromTheFile();
    void demoStandsInEveryExport();
    void excelProfileHasAByteOrderMark();
    void cancelLeavesNoFile();
    void unwritableFolderIsAnError();
};

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

// As an RFC 4180 reader sees them, and as they stand in the file.
void TestExport::fields_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("plain") << QByteArray("press/L1/P-07/temp") << QByteArray("press/L1/P-07/temp");
    QTest::newRow("empty") << QByteArray("") << QByteArray("");
    QTest::newRow("comma") << QByteArray("a,b") << QByteArray("\"a,b\"");
    QTest::newRow("quote") << QByteArray("say \"hi\"") << QByteArray("\"say \"\"hi\"\"\"");
    QTest::newRow("new line inside") << QByteArray("a\r\nb") << QByteArray("\"a\r\nb\"");
    QTest::newRow("formula =") << QByteArray("=cmd|' /C calc'!A0") << QByteArray("\"'=cmd|' /C calc'!A0\"");
    QTest::newRow("formula +") << QByteArray("+1") << QByteArray("\"'+1\"");
    QTest::newRow("formula -") << QByteArray("-1") << QByteArray("\"'-1\"");
    QTest::newRow("formula @") << QByteArray("@SUM(A1)") << QByteArray("\"'@SUM(A1)\"");
    QTest::newRow("tab") << QByteArray("\t=1") << QByteArray("\"'\t=1\"");
    QTest::newRow("carriage return") << QByteArray("\r=1") << QByteArray("\"'\r=1\"");
    QTest::newRow("line feed") << QByteArray("\n=1") << QByteArray("\"'\n=1\"");
    QTest::newRow("NUL") << QByteArray("\0=1", 3) << QByteArray("\"'\0=1\"", 6);
    QTest::newRow("full-width =") << QByteArray("＝1") << QByteArray("\"'＝1\"");
    QTest::newRow("full-width +") << QByteArray("＋1") << QByteArray("\"'＋1\"");
    QTest::newRow("full-width -") << QByteArray("－1") << QByteArray("\"'－1\"");
    QTest::newRow("full-width @") << QByteArray("＠1") << QByteArray("\"'＠1\"");
    QTest::newRow("not at the start") << QByteArray("a=b") << QByteArray("a=b");
    QTest::newRow("own apostrophe stays alone") << QByteArray("'til noon") << QByteArray("'til noon");
    QTest::newRow("own apostrophe before a formula") << QByteArray("'=1") << QByteArray("\"''=1\"");
}

void TestExport::fields()
{
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, written);
    CsvWriter csv(CsvProfile::Data, "UTC");
    csv.text(field.toStdString());
    csv.number(-3.2);
    csv.endRow();
    QCOMPARE(QByteArray::fromStdString(csv.out), written + ",-3.2\r\n"); // a number is never prefixed
    const auto rows = readCsv(csv.out);
    QCOMPARE(rows.size(), std::size_t{1});
    QCOMPARE(rows[0].size(), std::size_t{2});
    QCOMPARE(QByteArray::fromStdString(unprotectFromFormula(rows[0][0])), field);
    QCOMPARE(protectFromFormula(field.toStdString()), rows[0][0]);
}

void TestExport::numbers_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("shortest") << 0.1 << QByteArray("0.1");
    QTest::newRow("whole") << 80.0 << QByteArray("80");
    QTest::newRow("negative zero") << -0.0 << QByteArray("-0");
    QTest::newRow("third") << 1.0 / 3 << QByteArray("0.3333333333333333");
    QTest::newRow("large") << 1.7976931348623157e308 << QByteArray("1.7976931348623157e+308");
    QTest::newRow("smallest") << 5e-324 << QByteArray("5e-324");
    QTest::newRow("missing") << std::numeric_limits<double>::quiet_NaN() << QByteArray("");
}

void TestExport::numbers()
{
    QFETCH(double, value);
    QFETCH(QByteArray, written);
    CsvWriter csv(CsvProfile::Data, "UTC");
    csv.number(value);
    QCOMPARE(QByteArray::fromStdString(csv.out), written);
    if (!std::isnan(value))
        QCOMPARE(std::bit_cast<std::uint64_t>(std::strtod(csv.out.c_str(), nullptr)), std::bit_cast<std::uint64_t>(value));
}

void TestExport::times_data()
{
    QTest::addColumn<QString>("zone");
    QTest::addColumn<qint64>("micros");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("microseconds") << "Asia/Seoul" << qint64{1'791'759'600'000'123} << QByteArray("2026-10-12T08:00:00.000123+09:00");
    QTest::newRow("milliseconds") << "Asia/Seoul" << qint64{1'791'759'659'999'000} << QByteArray("2026-10-12T08:00:59.999+09:00");
    QTest::newRow("winter") << "Europe/Berlin" << qint64{1'792'890'000'000'000} << QByteArray("2026-10-25T02:00:00.000+01:00");
    QTest::newRow("summer, a second before") << "Europe/Berlin" << qint64{1'792'889'999'000'000}
                                             << QByteArray("2026-10-25T02:59:59.000+02:00");
    QTest::newRow("before 1970") << "Asia/Seoul" << qint64{-1} << QByteArray("1970-01-01T08:59:59.999999+09:00");
    QTest::newRow("never") << "Asia/Seoul" << std::numeric_limits<qint64>::min() << QByteArray("");
}

void TestExport::times()
{
    QFETCH(QString, zone);
    QFETCH(qint64, micros);
    QFETCH(QByteArray, written);
    CsvWriter csv(CsvProfile::Data, zone.toStdString());
    csv.time(at(0)); // the minute that is remembered is another one
    csv.out.clear();
    for (int twice = 0; twice < 2; ++twice) {
        csv.out.clear();
        csv.time(Time(Micros(micros)));
        QCOMPARE(QByteArray::fromStdString(csv.out), ',' + written);
    }
}

ExportOptions optionsFor(const QTemporaryDir &folder)
{
    ExportOptions options;
    options.path = folder.filePath(QStringLiteral("out.csv")).toStdString();
    options.zone = "Asia/Seoul";
    options.workspace = "Plant 3";
    options.version = "0.1.0";
    options.filter = "press/**, 08:00 to 09:00 \"today\"";
    return options;
}

SeriesExport twoSeries(SeriesStore &store, int rows)
{
    std::vector<Row> temps, states;
    for (int i = 0; i < rows; ++i) {
        temps.push_back({at(i * 1'000'000LL + i % 2), i % 10 == 3 ? std::numeric_limits<double>::quiet_NaN() : 20 + i / 7.0,
                         i % 10 == 3 ? Quality::Bad : Quality::Good});
        states.push_back({at(i * 2'000'000LL), static_cast<double>(i % 3), Quality::Uncertain});
    }
    store.append(static_cast<SeriesId>(0), temps);
    store.append(static_cast<SeriesId>(1), states);
    SeriesExport what;
    what.series = {{"press/L1/P-07/temp", "=Press 7, temperature", "°C", ValueKind::Number, store.view(static_cast<SeriesId>(0))},
                   {"press/L1/P-07/state", "", "", ValueKind::State, store.view(static_cast<SeriesId>(1))}};
    what.textOf = [](double code) { return "state " + std::to_string(static_cast<int>(code)); };
    return what;
}

void TestExport::seriesComeBackFromTheFile()
{
    QTemporaryDir folder;
    SeriesStore store;
    SeriesExport what = twoSeries(store, 30'000);
    what.from = at(10'000'000);
    const ExportOptions options = optionsFor(folder);
    double least = 0;
    const auto done = exportSeries(what, options, [&](double share) {
        QVERIFY(share >= least && share <= 1);
        least = share;
    });
    QVERIFY2(done, done ? "" : done.error().plain().c_str());
    QCOMPARE(least, 1.0);
    QCOMPARE(done->rows, std::uint64_t{29'990 + 29'995});

    const QByteArray bytes = contents(QString::fromStdString(options.path));
    const auto rows = readCsv(bytes.toStdString());
    QCOMPARE(rows.size(), static_cast<std::size_t>(done->rows) + 1);
    QCOMPARE(rows[0], (std::vector<std::string>{"time", "series", "name", "value", "unit", "quality", "workspace"}));
    std::size_t next = 1;
    for (int i = 10; i < 30'000; ++i, ++next) {
        const auto &row = rows[next];
        QCOMPARE(row.size(), rows[0].size());
        QVERIFY(parseIso(row[0]) && *parseIso(row[0]) == at(i * 1'000'000LL + i % 2));
        QCOMPARE(unprotectFromFormula(row[2]), std::string("=Press 7, temperature"));
        if (i % 10 == 3)
            QVERIFY(row[3].empty() && row[5] == "bad");
        else
            QVERIFY(std::strtod(row[3].c_str(), nullptr) == 20 + i / 7.0 && row[5] == "good");
        QVERIFY(row[4] == "°C" && row[6] == "Plant 3");
    }
    QCOMPARE(rows[next],
             (std::vector<std::string>{"2026-10-12T09:00:10.000+09:00", "press/L1/P-07/state", "", "state 2", "", "uncertain", "Plant 3"}));

    const QJsonObject meta = QJsonDocument::fromJson(contents(QString::fromStdString(options.path + ".meta.json"))).object();
    QCOMPARE(meta[QStringLiteral("sha256")].toString().toUtf8(), QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
    QCOMPARE(meta[QStringLiteral("rows")].toInteger(), static_cast<qint64>(done->rows));
    QCOMPARE(meta[QStringLiteral("bytes")].toInteger(), static_cast<qint64>(bytes.size()));
    QCOMPARE(meta[QStringLiteral("filter")].toString().toStdString(), options.filter);
    QCOMPARE(meta[QStringLiteral("from")].toString(), QStringLiteral("2026-10-12T09:00:10.000+09:00"));
    QVERIFY(meta[QStringLiteral("to")].isNull());
    QCOMPARE(meta[QStringLiteral("demo")].toBool(true), false);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 2);
}

std::unique_ptr<StateReader> journalOf(const QTemporaryDir &state, int records)
{
    {
        auto file = StateFile::open(state.path().toStdString());
        if (!file)
            return nullptr;
        Commit commit;
        for (int i = 0; i < records; ++i) {
            JournalRow row;
            row.event = "RAISED";
            row.rule = "press-hot";
            row.key = "press/L1/P-07";
            row.field = "temp";
            row.tEvent = at(i);
            row.tDetect = at(i + 5);
            row.value = 81.5;
            row.reason = "-seen, \"ok\"\r\nby ann";
            row.occurrence = 255;
            row.notes = "lot==A1\norder=88";
            commit.journal.push_back(std::move(row));
        }
        if (!(*file)->write(commit))
            return nullptr;
    }
    auto reader = StateReader::open(state.path().toStdString());
    return reader ? *std::move(reader) : nullptr;
}

void TestExport::journalComesBackFromTheFile()
{
    QTemporaryDir folder, state;
    const auto reader = journalOf(state, 12'000);
    QVERIFY(reader);
    JournalQuery query;
    query.from = at(100);
    query.isNewestFirst = true; // and a limit of 1000: neither counts
    const ExportOptions options = optionsFor(folder);
    const auto done = exportJournal(*reader, query, options);
    QVERIFY2(done, done ? "" : done.error().plain().c_str());
    QCOMPARE(done->rows, std::uint64_t{11'900});
    const auto rows = readCsv(contents(QString::fromStdString(options.path)).toStdString());
    QCOMPARE(rows.size(), std::size_t{11'901});
    QCOMPARE(rows[0].size(), std::size_t{25});
    for (std::size_t i = 1; i < rows.size(); ++i) {
        QCOMPARE(rows[i].size(), std::size_t{25});
        QCOMPARE(rows[i][0], std::to_string(i + 100));
    }
    QCOMPARE(rows[1][1], std::string("2026-10-12T09:00:00.000100+09:00"));
    QCOMPARE(rows[1][12], std::string("81.5"));
    QCOMPARE(unprotectFromFormula(rows[1][17]), std::string("-seen, \"ok\"\r\nby ann"));
    QCOMPARE(rows[1][20], std::string("00000000000000ff"));
    QCOMPARE(rows[1][23], std::string(R"({"lot":"=A1","order":"88"})"));
    QCOMPARE(rows[1][24], std::string("Plant 3"));
}

void TestExport::demoStandsInEveryExport()
{
    QTemporaryDir folder, state;
    ExportOptions options = optionsFor(folder);
    options.isDemo = true;
    SeriesStore store;
    const auto reader = journalOf(state, 3);
    QVERIFY(reader);
    for (const bool isJournal : {false, true}) {
        const auto done = isJournal ? exportJournal(*reader, {}, options) : exportSeries(twoSeries(store, 3), options);
        QVERIFY(done);
        const auto rows = readCsv(contents(QString::fromStdString(options.path)).toStdString());
        QVERIFY(rows.size() > 3);
        for (std::size_t i = 1; i < rows.size(); ++i)
            QCOMPARE(rows[i].back(), std::string("DEMO"));
        const QJsonObject meta = QJsonDocument::fromJson(contents(QString::fromStdString(options.path + ".meta.json"))).object();
        QCOMPARE(meta[QStringLiteral("demo")].toBool(), true);
    }
}

void TestExport::excelProfileHasAByteOrderMark()
{
    QTemporaryDir folder;
    ExportOptions options = optionsFor(folder);
    options.profile = CsvProfile::Excel;
    QVERIFY(exportSeries({}, options));
    QCOMPARE(contents(QString::fromStdString(options.path)), QByteArray("\xEF\xBB\xBFtime,series,name,value,unit,quality,workspace\r\n"));
}

void TestExport::cancelLeavesNoFile()
{
    QTemporaryDir folder, state;
    SeriesStore store;
    std::stop_source stop;
    const auto series = exportSeries(
        twoSeries(store, 50'000), optionsFor(folder), [&](double) { stop.request_stop(); }, stop.get_token());
    QVERIFY(!series && series.error().plain().find("cancelled") != std::string::npos);
    QVERIFY(QDir(folder.path()).isEmpty());
    const auto reader = journalOf(state, 3);
    QVERIFY(reader);
    QVERIFY(!exportJournal(*reader, {}, optionsFor(folder), {}, stop.get_token()));
    QVERIFY(QDir(folder.path()).isEmpty());
}

void TestExport::unwritableFolderIsAnError()
{
    ExportOptions options;
    options.path = "/nowhere/at/all/out.csv";
    const auto done = exportSeries({}, options);
    QVERIFY(!done);
    QCOMPARE(done.error().plain(), std::string("'/nowhere/at/all/out.csv' cannot be written: No such file or directory"));
}

}

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
