// Holds the include lines, the precompiled headers and the forward declarations of the whole tree against arrows.txt.
#include <QDir>
#include <QDirIterator>
#include <QRegularExpression>
#include <QtTest>

namespace {

struct Room
{
    QStringList folders;
    QStringList outside;
};

const QStringList StandardHeaders = QStringLiteral("algorithm array atomic bit bitset cassert cctype cerrno cfloat charconv chrono "
                                                   "cinttypes climits cmath condition_variable csignal cstddef cstdint cstdio "
                                                   "cstdlib cstring ctime deque exception filesystem fstream functional future "
                                                   "initializer_list iomanip iostream istream iterator limits list locale map memory mutex "
                                                   "numbers numeric optional ostream queue random ranges ratio regex set shared_mutex "
                                                   "source_location span sstream stdexcept stop_token streambuf string string_view "
                                                   "system_error thread tuple type_traits typeinfo unordered_map unordered_set utility "
                                                   "valarray variant vector new concepts compare cwchar")
                                        .split(QLatin1Char(' '));

// Neither Qt nor the standard library: allowed only where the table says posix.
bool isPosix(const QString &header)
{
    static const QRegularExpression known(
        QStringLiteral("^(sys|netinet|arpa|linux)/.*\\.h$|^(unistd|fcntl|poll|pwd|signal|netdb|dlfcn|errno|time|pthread|spawn)\\.h$"));
    return known.match(header).hasMatch();
}

QString textOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QMap<QString, Room> rooms()
{
    QMap<QString, Room> out;
    const QStringList lines = textOf(QStringLiteral(SG_SOURCE_DIR "/tests/arrows/arrows.txt")).split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        if (line.startsWith(QLatin1Char('#')) || line.trimmed().isEmpty())
            continue;
        const QStringList parts = line.split(QLatin1Char('|'));
        out[parts[0].trimmed()]
            = {parts[1].split(QLatin1Char(' '), Qt::SkipEmptyParts), parts[2].split(QLatin1Char(' '), Qt::SkipEmptyParts)};
    }
    return out;
}

QString roomOf(const QString &relative, const QMap<QString, Room> &rooms)
{
    for (auto it = rooms.begin(); it != rooms.end(); ++it)
        if (relative.startsWith(it.key() + QLatin1Char('/')))
            return it.key();
    return {};
}

// The file that a quoted include means, relative to the tree: models/, the root and app/ are the only include folders.
QString resolved(const QString &include)
{
    for (const char *root : {"models/", "", "app/"}) {
        const QString candidate = QLatin1String(root) + include;
        if (QFile::exists(QStringLiteral(SG_SOURCE_DIR "/") + candidate))
            return candidate;
    }
    return {};
}

bool isAllowedOutside(const QString &header, const QString &file, const Room &room)
{
    if (StandardHeaders.contains(header))
        return true;
    for (const QString &allowed : room.outside) {
        if (allowed == QLatin1String("posix")        ? isPosix(header)
                : allowed.endsWith(QLatin1Char('*')) ? header.startsWith(allowed.chopped(1))
                                                     : header == allowed)
            return true;
    }
    Q_UNUSED(file)
    return false;
}

}

class TestArrows : public QObject
{
    Q_OBJECT

private:
    QMap<QString, Room> m_rooms = rooms();

    QStringList files(const QStringList &filters) const
    {
        QStringList out;
        for (const char *top : {"app", "widgets", "models", "connectors", "resources"}) {
            QDirIterator it(QStringLiteral(SG_SOURCE_DIR "/") + QLatin1String(top), filters, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext())
                out << QDir(QStringLiteral(SG_SOURCE_DIR)).relativeFilePath(it.next());
        }
        return out;
    }

private Q_SLOTS:
    void everyIncludeIsAnArrowOfTheTable()
    {
        const QRegularExpression include(QStringLiteral("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]"), QRegularExpression::MultilineOption);
        QStringList wrong;
        const QStringList all = files({QStringLiteral("*.cpp"), QStringLiteral("*.h")});
        QVERIFY(all.size() > 50);
        for (const QString &file : all) {
            const QString room = roomOf(file, m_rooms);
            if (room.isEmpty()) {
                wrong << file + QStringLiteral(": its folder is not in arrows.txt");
                continue;
            }
            auto it = include.globalMatch(textOf(QStringLiteral(SG_SOURCE_DIR "/") + file));
            while (it.hasNext()) {
                const auto match = it.next();
                const QString header = match.captured(2);
                if (match.captured(1) == QLatin1String("<")) {
                    if (!isAllowedOutside(header, file, m_rooms[room]))
                        wrong << file + QStringLiteral(": <") + header + QStringLiteral("> is no arrow of ") + room;
                    continue;
                }
                if (header.endsWith(QLatin1String(".moc")))
                    continue;
                const QString target = resolved(header);
                const QString targetRoom = roomOf(target, m_rooms);
                if (target.isEmpty())
                    wrong << file + QStringLiteral(": \"") + header
                            + QStringLiteral("\" is found neither from models/ nor from the root nor from app/");
                else if (targetRoom != room && !m_rooms[room].folders.contains(targetRoom))
                    wrong << file + QStringLiteral(": \"") + header + QStringLiteral("\" is no arrow of ") + room;
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(QLatin1Char('\n') + wrong.join(QLatin1Char('\n'))));
    }

    void widgetsSeeOfTheEngineOnlySessionAndSnapshot()
    {
        // explain.h, routestates.h: functions of a snapshot or the outbox, which run nothing; backtest.h and advisor.h: functions of stored
        // readings, for a worker
        QStringList wrong;
        const QRegularExpression include(
            QStringLiteral("#include \"engine/(?!(session|snapshot|explain|routestates|backtest|advisor)\\.h)[^\"]+\""));
        for (const QString &file : files({QStringLiteral("*.cpp"), QStringLiteral("*.h")}))
            if (file.startsWith(QLatin1String("widgets/")) && include.match(textOf(QStringLiteral(SG_SOURCE_DIR "/") + file)).hasMatch())
                wrong << file;
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void oneFileEachForTheParsers()
    {
        const QStringList all = files({QStringLiteral("*.cpp"), QStringLiteral("*.h")});
        for (const char *header : {"<simdjson.h", "<yaml-cpp/", "<yaml.h>"}) {
            QStringList users;
            for (const QString &file : all)
                if (textOf(QStringLiteral(SG_SOURCE_DIR "/") + file).contains(QLatin1String("#include ") + QLatin1String(header)))
                    users << file;
            QVERIFY2(users.size() == 1, qPrintable(QLatin1String(header) + QStringLiteral(" is used by ") + users.join(QLatin1Char(' '))));
        }
    }

    // A forced include needs no include line, so the lists themselves are read.
    void precompiledHeadersAreArrowsToo()
    {
        const QRegularExpression library(QStringLiteral("PCH\\s+([^)]*)\\)"));
        const QRegularExpression header(QStringLiteral("<([^>]+)>"));
        QStringList wrong;
        QStringList lists = files({QStringLiteral("CMakeLists.txt")});
        for (const QString &file : lists) {
            const QString text = textOf(QStringLiteral(SG_SOURCE_DIR "/") + file);
            if (text.contains(QLatin1String("REUSE_FROM")))
                wrong << file + QStringLiteral(": REUSE_FROM brings in another room's headers");
            const auto match = library.match(text);
            const QString room = roomOf(file, m_rooms);
            auto it = header.globalMatch(match.captured(1));
            while (it.hasNext()) {
                const QString name = it.next().captured(1);
                if (!isAllowedOutside(name, file, m_rooms[room]))
                    wrong << file + QStringLiteral(": precompiled <") + name + QStringLiteral("> is no arrow of ") + room;
            }
        }
        const QString common = textOf(QStringLiteral(SG_SOURCE_DIR "/CMakeLists.txt"));
        auto it = header.globalMatch(common.mid(common.indexOf(QLatin1String("set(SG_PCH_STD")), 700).section(QLatin1Char(')'), 0, 0));
        while (it.hasNext()) {
            const QString name = it.next().captured(1);
            if (!StandardHeaders.contains(name))
                wrong << QStringLiteral("CMakeLists.txt: SG_PCH_STD holds <") + name + QLatin1Char('>');
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(QLatin1Char('\n') + wrong.join(QLatin1Char('\n'))));
    }

    void noWidgetIsForwardDeclaredBelowItems()
    {
        const QRegularExpression forward(QStringLiteral("^\\s*class\\s+Q[A-Z]\\w*\\s*;"), QRegularExpression::MultilineOption);
        const QRegularExpression object(QStringLiteral("Q_OBJECT|: public QObject"));
        QStringList wrong;
        for (const QString &file : files({QStringLiteral("*.cpp"), QStringLiteral("*.h")})) {
            const bool isBelow = file.startsWith(QLatin1String("connectors/"))
                || (file.startsWith(QLatin1String("models/")) && !file.startsWith(QLatin1String("models/items/")));
            const QString text = textOf(QStringLiteral(SG_SOURCE_DIR "/") + file);
            if (isBelow && (forward.match(text).hasMatch() || object.match(text).hasMatch()))
                wrong << file;
            if (file.startsWith(QLatin1String("models/items/"))
                && QRegularExpression(QStringLiteral("class\\s+Q(Widget|Action|Window|Painter|Icon|Pixmap)\\w*\\s*;"))
                       .match(text)
                       .hasMatch())
                wrong << file;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    // Only what the design names may lie at the top.
    void theTopLevelIsFixed()
    {
        const QSet<QString> allowed{QStringLiteral("CMakeLists.txt"),
                                    QStringLiteral("app"),
                                    QStringLiteral("widgets"),
                                    QStringLiteral("models"),
                                    QStringLiteral("connectors"),
                                    QStringLiteral("resources"),
                                    QStringLiteral("tests"),
                                    QStringLiteral("installer"),
                                    QStringLiteral("README.md"),
                                    QStringLiteral("LICENSE"),
                                    QStringLiteral("ARCHITECTURE.md"),
                                    QStringLiteral("CONTRIBUTING.md"),
                                    QStringLiteral("CHANGELOG.md"),
                                    QStringLiteral("CMakePresets.json"),
                                    QStringLiteral("dev"),
                                    QStringLiteral("build")};
        QStringList wrong;
        for (const QString &name : QDir(QStringLiteral(SG_SOURCE_DIR)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot))
            if (!allowed.contains(name))
                wrong << name;
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char(' '))));
    }
};

QTEST_GUILESS_MAIN(TestArrows)
#include "tst_arrows.moc"
