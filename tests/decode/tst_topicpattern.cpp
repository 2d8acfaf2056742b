#include "decode/topicpattern.h"

#include <QElapsedTimer>
#include <QtTest>

#include <thread>

using namespace sg;

// Regular expressions of a workspace that anybody may have written: none holds a source up for long, or takes it down.
class TestTopicPattern : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hostileExpressionsEnd_data();
    void hostileExpressionsEnd();
};

void TestTopicPattern::hostileExpressionsEnd_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::newRow("stars in stars") << "^(a+)+$";
    QTest::newRow("three of them") << "^((a*)*)*b$";
    QTest::newRow("the same twice") << "^(a|a)*b$";
    QTest::newRow("a class in a star") << "^([a-z]+)*b$";
    QTest::newRow("the most states") << "^((a?){200}){60}b$";
    QTest::newRow("more of them") << "^((a?){300}){300}$";
    QTest::newRow("counts in counts") << "^((a{100}){100}){100}$";
    QTest::newRow("nested") << QStringLiteral("^%1a%2$").arg(QStringLiteral("(").repeated(490), QStringLiteral(")").repeated(490));
    QTest::newRow("many stars") << QStringLiteral("^%1b").arg(QStringLiteral("a*").repeated(490));
    QTest::newRow("many ways") << "^(?:a|b|c|d){1,900}x$";
}

void TestTopicPattern::hostileExpressionsEnd()
{
    QFETCH(QString, pattern);
    QElapsedTimer timer;
    timer.start();
    bool matches = false;
    // On a thread as a source's, with its stack.
    std::thread([&] {
        const auto parsed = TopicPattern::parse(pattern.toStdString(), '.');
        if (parsed)
            matches = parsed->match(std::string(249, 'a')).has_value(); // the longest name of a topic
    }).join();
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed()))); // backtracking would take years
    QVERIFY(!matches || pattern == QStringLiteral("^(a+)+$"));
}

QTEST_GUILESS_MAIN(TestTopicPattern)
#include "tst_topicpattern.moc"
