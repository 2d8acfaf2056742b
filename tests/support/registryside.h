#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>

// A schema registry of our own on loopback (tests/support/registry.py) that can be stopped and started at the same port.
namespace sg::test {

class RegistrySide
{
public:
    ~RegistrySide() { stop(); }

    void add(int id, const QByteArray &schema, const char *type = nullptr, const QJsonArray &references = {})
    {
        QJsonObject entry{{QStringLiteral("schema"), QString::fromUtf8(schema)}};
        if (type) // of Avro a registry says none
            entry.insert(QStringLiteral("schemaType"), QLatin1String(type));
        if (!references.isEmpty())
            entry.insert(QStringLiteral("references"), references);
        m_ids.insert(QString::number(id), entry);
    }
    void addSubject(const QString &name, int version, int id)
    {
        m_subjects.insert(name, QJsonObject{{QString::number(version), QString::number(id)}});
    }
    void setLogin(const QString &user, const QString &password) { m_options = {user, password}; }
    void setTls(const QString &certificate, const QString &key)
    {
        if (m_options.isEmpty())
            m_options = {QStringLiteral("sg"), QStringLiteral("sg")};
        m_options += {certificate, key};
    }

    // At the port it had before. False when it does not come up.
    bool start()
    {
        QFile file(m_folder.filePath(QStringLiteral("schemas.json")));
        const QJsonObject all{{QStringLiteral("ids"), m_ids}, {QStringLiteral("subjects"), m_subjects}};
        if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(all).toJson()) < 0)
            return false;
        file.close();
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QStringLiteral("python3"),
                        QStringList{QStringLiteral(SG_SOURCE_DIR "/tests/support/registry.py"), file.fileName(), QString::number(m_port)}
                            + m_options);
        while (!m_process.canReadLine())
            if (!m_process.waitForReadyRead(30'000))
                return false;
        m_port = m_process.readLine().trimmed().toInt();
        return m_port > 0;
    }
    void stop()
    {
        m_process.closeWriteChannel();
        if (!m_process.waitForFinished(5'000)) {
            m_process.kill();
            m_process.waitForFinished();
        }
    }
    // Paths that were asked for since the last call; "refused" where the login was wrong.
    QStringList asked()
    {
        QStringList out;
        m_process.waitForReadyRead(100);
        while (m_process.canReadLine())
            out << QString::fromUtf8(m_process.readLine()).trimmed();
        return out;
    }
    [[nodiscard]] std::string url(const char *scheme = "http") const
    {
        return std::string(scheme) + "://localhost:" + std::to_string(m_port);
    }
    // A port at which nobody listens, kept for start().
    bool reserve()
    {
        const bool isUp = start();
        stop();
        return isUp;
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    QJsonObject m_ids, m_subjects;
    QStringList m_options;
    int m_port = 0;
};

}
