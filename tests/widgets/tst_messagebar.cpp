#include "widgets/main/messagebar.h"

#include <QLabel>
#include <QTest>
#include <QToolButton>

using namespace sg;

class TestMessageBar : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // What nobody watched stays on the screen until somebody has read it.
    void aNoteStaysUntilItIsClosedAndComesBackOnceItIsFinal()
    {
        MessageBar bar;
        bar.show();
        const auto *text = bar.findChild<QLabel *>(QStringLiteral("messageText"));
        auto *close = bar.findChild<QToolButton *>(QStringLiteral("messageClose"));
        bar.setStanding({QStringLiteral("disk full")});
        bar.setNote(QStringLiteral("a"), QStringLiteral("1 raised so far"), false);
        bar.setNote(QStringLiteral("a"), QStringLiteral("2 raised so far"), false);
        QCOMPARE(text->text(), QStringLiteral("disk full\n2 raised so far"));
        QTest::mouseClick(close, Qt::LeftButton);
        QCOMPARE(text->text(), QStringLiteral("disk full"));
        bar.setNote(QStringLiteral("a"), QStringLiteral("3 raised so far"), false);
        QCOMPARE(text->text(), QStringLiteral("disk full"));
        bar.setNote(QStringLiteral("a"), QStringLiteral("3 raised"), true);
        QCOMPARE(text->text(), QStringLiteral("disk full\n3 raised"));
        QTest::mouseClick(close, Qt::LeftButton);
        bar.setNote(QStringLiteral("a"), QStringLiteral("3 raised"), true);
        bar.setNote(QStringLiteral("b"), QStringLiteral("1 raised"), true); // another night
        QCOMPARE(text->text(), QStringLiteral("disk full\n1 raised"));
        bar.setStanding({});
        QTest::mouseClick(close, Qt::LeftButton);
        QVERIFY(!bar.isVisible());
    }
};

QTEST_MAIN(TestMessageBar)
#include "tst_messagebar.moc"
