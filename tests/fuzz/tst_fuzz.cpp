#include "fuzz/decodeinput.h"

#include <QtTest>

// The corpus of './dev fuzz', and inputs made of it by chance that is the same in every run, without libFuzzer.
class TestFuzz : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyDeclarationHasItsCorpus();
    void corpusAndItsMutations();

private:
    static QList<QByteArray> corpus();
};

QList<QByteArray> TestFuzz::corpus()
{
    QList<QByteArray> inputs;
    const QDir folder(QStringLiteral(SG_SOURCE_DIR "/tests/fuzz/corpus"));
    for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            inputs << file.readAll();
    }
    return inputs;
}

void TestFuzz::everyDeclarationHasItsCorpus()
{
    QSet<std::size_t> seen;
    for (const QByteArray &input : corpus())
        if (!input.isEmpty())
            seen << static_cast<unsigned char>(input[0]) % sg::fuzz::declarations();
    QCOMPARE(static_cast<std::size_t>(seen.size()), sg::fuzz::declarations());
}

void TestFuzz::corpusAndItsMutations()
{
    const QList<QByteArray> inputs = corpus();
    QVERIFY(!inputs.isEmpty());
    for (const QByteArray &input : inputs)
        sg::fuzz::readMessages({input.constData(), static_cast<std::size_t>(input.size())});
    std::uint32_t seed = 1;
    const auto random = [&seed](qsizetype below) {
        seed = seed * 1664525U + 1013904223U;
        return static_cast<qsizetype>(seed >> 8U) % below;
    };
    for (int i = 0; i < 5000; ++i) {
        QByteArray bytes = inputs[random(inputs.size())];
        const QByteArray &other = inputs[random(inputs.size())];
        for (qsizetype k = random(4); k >= 0 && bytes.size() > 2; --k)
            switch (random(5)) {
            case 0:
                bytes[random(bytes.size())] = static_cast<char>(random(256));
                break;
            case 1:
                bytes.truncate(2 + random(bytes.size() - 1));
                break;
            case 2:
                bytes.remove(random(bytes.size()), 1 + random(8));
                break;
            case 3: {
                const qsizetype from = random(bytes.size());
                bytes.insert(random(bytes.size()), bytes.mid(from, random(40)));
                break;
            }
            case 4:
                if (!other.isEmpty())
                    bytes = bytes.left(2 + random(bytes.size() - 1)) + other.mid(random(other.size()));
                break;
            }
        sg::fuzz::readMessages({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    }
}

QTEST_GUILESS_MAIN(TestFuzz)
#include "tst_fuzz.moc"
