#include "core/platform.h"
#include "core/workspacefile.h"

#include <QtTest>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

using namespace sg;
namespace fs = std::filesystem;

// What a workspace may name as a file of its own, and that no error says what another file holds.
class TestWorkspaceFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void files_data();
    void files();

private:
    QTemporaryDir m_home;
    std::string m_folder;
};

void TestWorkspaceFile::initTestCase()
{
    m_folder = m_home.filePath(QStringLiteral("plant")).toStdString();
    const std::string outside = m_home.filePath(QStringLiteral("outside")).toStdString();
    fs::create_directories(m_folder + "/certs");
    fs::create_directories(outside);
    std::ofstream(outside + "/secret") << "top secret text";
    std::ofstream(m_folder + "/ca.pem") << "public";
    std::ofstream(m_folder + "/certs/own.pem") << "public";
    fs::create_symlink("certs/own.pem", m_folder + "/inside-link");
    fs::create_symlink(outside + "/secret", m_folder + "/file-link");
    fs::create_symlink(outside, m_folder + "/folder-link");
    fs::create_symlink("gone", m_folder + "/dead-link");
    fs::create_symlink("loop", m_folder + "/loop");
    fs::create_symlink(m_folder, m_home.filePath(QStringLiteral("way-in")).toStdString());
    QCOMPARE(::mkfifo((m_folder + "/fifo").c_str(), 0600), 0);
    std::ofstream(m_folder + "/most").close();
    std::ofstream(m_folder + "/more").close();
    fs::resize_file(m_folder + "/most", 16U << 20U); // sparse
    fs::resize_file(m_folder + "/more", (16U << 20U) + 1);
}

void TestWorkspaceFile::files_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("says"); // empty: it may be read
    QTest::newRow("a file") << "ca.pem"
                            << "";
    QTest::newRow("in a folder") << "certs/own.pem"
                                 << "";
    QTest::newRow("up and down again") << "certs/../ca.pem"
                                       << "";
    QTest::newRow("a link that stays inside") << "inside-link"
                                              << "";
    QTest::newRow("16 MB") << "most"
                           << "";
    QTest::newRow("a byte more") << "more"
                                 << "ca: 'more' is larger than 16 MB";
    QTest::newRow("absolute") << "/etc/passwd"
                              << "ca: '/etc/passwd' is not a relative path; files are named relative to the workspace";
    QTest::newRow("nothing") << ""
                             << "ca: '' is not a relative path; files are named relative to the workspace";
    QTest::newRow("up and out") << "../outside/secret"
                                << "ca: '../outside/secret' leads out of the workspace";
    QTest::newRow("a link out") << "file-link"
                                << "ca: 'file-link' leads out of the workspace";
    QTest::newRow("a linked folder") << "folder-link/secret"
                                     << "ca: 'folder-link/secret' leads out of the workspace";
    QTest::newRow("out and in by another way") << "../way-in/../outside/secret"
                                               << "ca: '../way-in/../outside/secret' leads out of the workspace";
    QTest::newRow("not there") << "gone.pem"
                               << "ca: there is no file 'gone.pem' in the workspace";
    QTest::newRow("a dead link") << "dead-link"
                                 << "ca: there is no file 'dead-link' in the workspace";
    QTest::newRow("a link to itself") << "loop"
                                      << "ca: there is no file 'loop' in the workspace";
    QTest::newRow("a folder") << "certs"
                              << "ca: 'certs' is not a regular file";
    QTest::newRow("the workspace itself") << "."
                                          << "ca: '.' leads out of the workspace";
    QTest::newRow("a pipe") << "fifo"
                            << "ca: 'fifo' is not a regular file";
}

void TestWorkspaceFile::files()
{
    QFETCH(QString, name);
    const auto file = fileInWorkspace(m_folder, name.toStdString(), "ca");
    QTEST(file ? QString() : QString::fromStdString(file.error().plain()), "says");
    if (file)
        QVERIFY(readFile(*file));
}

QTEST_GUILESS_MAIN(TestWorkspaceFile)
#include "tst_workspacefile.moc"
