#include "bench/demomemory.h"

#include "bench/peers.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QThread>

#include <cstdio>

namespace sg::bench {

namespace {

// "VmHWM", the most that ever was resident, or "VmRSS", what is now; in MB of 1024 * 1024 bytes.
double megabytes(qint64 process, const QByteArray &line)
{
    QFile file(QStringLiteral("/proc/%1/status").arg(process));
    must(file.open(QIODevice::ReadOnly), "the process lives");
    const QByteArray text = file.readAll();
    const auto at = text.indexOf(line + ":");
    must(at >= 0, "its memory is known");
    return text.mid(at + line.size() + 1).simplified().split(' ').front().toDouble() / 1024;
}

// With a home of its own, so that it begins with nothing and disturbs nobody.
void start(QProcess &process, const QString &home, const char *program, const QStringList &arguments)
{
    auto environment = QProcessEnvironment::systemEnvironment();
    QDir().mkpath(home);
    for (const char *name : {"XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
        environment.insert(QString::fromUtf8(name), home);
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    process.setProcessEnvironment(environment);
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(home + QStringLiteral("/errors"));
    process.start(QString::fromUtf8(program), arguments);
    must(process.waitForStarted(), program);
}

void tell(QProcess &process, const char *who)
{
    must(process.state() == QProcess::Running, who);
    const double most = megabytes(process.processId(), "VmHWM"), now = megabytes(process.processId(), "VmRSS");
    std::printf("%s: %.0f MB resident at the end, %.0f MB at most\n", who, now, most);
    figure((std::string(who) + "_rss_mb").c_str(), most, "MB");
    process.terminate();
    if (!process.waitForFinished(20'000))
        process.kill();
    process.waitForFinished();
}

}

void measureDemoMemory(int seconds)
{
    const QTemporaryDir folder;
    QProcess agent;
    start(agent, folder.filePath(QStringLiteral("agent")), SG_AGENT, {QStringLiteral("run")});
#ifdef SG_DESKTOP
    QProcess desktop;
    start(desktop, folder.filePath(QStringLiteral("desktop")), SG_DESKTOP, {});
#endif
    QThread::sleep(static_cast<unsigned long>(seconds));
    tell(agent, "agent");
#ifdef SG_DESKTOP
    tell(desktop, "desktop");
#endif
}

}
