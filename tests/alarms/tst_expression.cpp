#include "alarms/expression.h"

#include <QtTest>

#include <cmath>

using namespace sg;

namespace {

const double Unknown = std::nan("");

// Names: hot is a set of alarms (1 true, 0 false, NaN unknown), temp a set of numbers, value one number, run one text.
class Names : public ExpressionNames
{
public:
    std::vector<double> hot, temp;
    double value = Unknown;
    std::string run;
    std::vector<std::string> texts;

    std::size_t members(std::size_t name) const override { return name == 0 ? hot.size() : name == 1 ? temp.size() : 1; }
    ExpressionValue member(std::size_t name, std::size_t n) const override
    {
        if (name == 0)
            return ExpressionValue::of(std::isnan(hot[n]) ? Truth::Unknown : hot[n] != 0 ? Truth::Yes : Truth::No);
        if (name == 1)
            return ExpressionValue::of(temp[n]);
        if (name == 2)
            return ExpressionValue::of(value);
        return run.empty() ? ExpressionValue::unknown(ExpressionValue::Type::Text)
                           : ExpressionValue::ofCode(static_cast<double>(run.size()));
    }
    double codeOfText(std::size_t text) const override { return static_cast<double>(texts[text].size()); } // by length: enough here
};

const std::vector<Expression::Name> Known = {{"hot", true, true}, {"temp", false, true}, {"value", false, false}, {"run", false, false}};

}

class TestExpression : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void evaluates_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QList<double>>("hot");
        QTest::addColumn<QList<double>>("temp");
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("run");
        QTest::addColumn<QString>("is");
        const auto row = [](const char *text, QList<double> hot, QList<double> temp, double value, const char *run, const char *is) {
            QTest::addRow("%s: %s, hot %d", text, is, int(hot.size()))
                << QString::fromUtf8(text) << hot << temp << value << QString::fromUtf8(run) << QString::fromUtf8(is);
        };
        row("value > 80", {}, {}, 81, "", "yes");
        row("value > 80", {}, {}, 80, "", "no");
        row("value >= 80", {}, {}, 80, "", "yes");
        row("value > 80", {}, {}, Unknown, "", "unknown");
        row("1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and 7 - 2 - 1 == 4 and 8 / 4 / 2 == 1", {}, {}, 0, "", "yes");
        row("-value < -5", {}, {}, 6, "", "yes");
        row("value / 0 > 1", {}, {}, 6, "", "unknown");
        row("value > 80 and 1 > 2", {}, {}, Unknown, "", "no");
        row("value > 80 or 1 < 2", {}, {}, Unknown, "", "yes");
        row("not value > 80", {}, {}, Unknown, "", "unknown");
        row("not 1 > 2 and 2 > 1", {}, {}, 0, "", "yes");
        row("run == \"stopped\"", {}, {}, 0, "stopped", "yes");
        row("run != 'stopped'", {}, {}, 0, "running1", "yes");
        row("run == \"stopped\"", {}, {}, 0, "", "unknown");
        row("any(hot)", {}, {}, 0, "", "no");
        row("any(hot)", {0, Unknown}, {}, 0, "", "unknown");
        row("any(hot)", {0, Unknown, 1}, {}, 0, "", "yes");
        row("all(hot)", {}, {}, 0, "", "unknown");
        row("all(hot)", {1, 1}, {}, 0, "", "yes");
        row("all(hot)", {1, 0, Unknown}, {}, 0, "", "no");
        row("count(hot) >= 3", {1, 1, Unknown}, {}, 0, "", "unknown");
        row("count(hot) >= 3", {1, 1, 1, Unknown}, {}, 0, "", "yes");
        row("count(hot) >= 3", {1, Unknown, 0}, {}, 0, "", "no");
        row("count(temp > 5) == 2", {}, {4, 6, 7}, 0, "", "yes");
        row("avg(temp) == 5", {}, {4, 6}, 0, "", "yes");
        row("avg(temp) == 5", {}, {}, 0, "", "unknown");
        row("sum(temp) == 10 and min(temp) == 4 and max(temp) == 6", {}, {4, 6}, 0, "", "yes");
        row("max(temp) > 5", {}, {Unknown, 6}, 0, "", "yes");
        row("max(temp) > 7", {}, {Unknown, 6}, 0, "", "unknown");
        row("min(temp * 2) < 9", {}, {4, Unknown}, 0, "", "yes");
    }

    void evaluates()
    {
        QFETCH(QString, text);
        QFETCH(QList<double>, hot);
        QFETCH(QList<double>, temp);
        QFETCH(double, value);
        QFETCH(QString, run);
        QFETCH(QString, is);
        const auto expression = Expression::parse(text.toStdString(), Known);
        QVERIFY2(bool(expression), expression ? "" : expression.error().plain().c_str());
        Names names;
        names.hot.assign(hot.begin(), hot.end());
        names.temp.assign(temp.begin(), temp.end());
        names.value = value;
        names.run = run.toStdString();
        names.texts = expression->texts();
        const Truth truth = expression->evaluate(names);
        QCOMPARE(QString::fromUtf8(truth == Truth::Yes ? "yes" : truth == Truth::No ? "no" : "unknown"), is);
    }

    void refused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        const auto row
            = [](const QString &text, const char *says) { QTest::newRow(qPrintable(text.left(40))) << text << QString::fromUtf8(says); };
        row(QString(), "character 1: expected a name, a number or a function, found 'the end'");
        row(QStringLiteral("valu > 3"), "character 1: 'valu' is not one of the inputs; did you mean 'value'?");
        row(QStringLiteral("value > "), "character 9: expected a name, a number or a function, found 'the end'");
        row(QStringLiteral("value = 3"), "character 7: '=' compares nothing; write ==");
        row(QStringLiteral("value > 3 3"), "character 11: expected an operator, found '3'");
        row(QStringLiteral("value"), "character 1: the whole must be true or false, such as value > 80");
        row(QStringLiteral("hot"), "character 1: 'hot' may be several here; write any(hot), all(hot) or count(hot)");
        row(QStringLiteral("any(hot"), "character 8: the bracket of character 4 is not closed before 'the end'");
        row(QStringLiteral("any(temp)"), "character 5: true or false is expected here; compare it with something, such as value > 80");
        row(QStringLiteral("count(3 > 2) > 1"), "character 7: count needs the name of an input");
        row(QStringLiteral("sum(hot) > 1"), "character 5: a number is expected here");
        row(QStringLiteral("any(hot and temp > 1)"), "character 13: a function looks at one input; 'temp' is a second one");
        row(QStringLiteral("any(any(hot))"), "character 5: a function inside a function is not possible");
        row(QStringLiteral("run > \"a\""), "character 7: a text is only compared with == and !=");
        row(QStringLiteral("\"a\" == 3"), "character 8: a text and a number are never the same");
        row(QStringLiteral("run == \"a"), "character 8: the text that begins here has no closing quote");
        row(QString::fromUtf8("run == \"온도\" ≥ 3"), "character 13: expected an operator, found '≥'");
        row(QStringLiteral("press/L1/temp > 3"), "character 1: 'press' is not one of the inputs");
        row(QStringLiteral("value > 1.2.3"), "character 9: '1.2.3' is not a number");
        row(QStringLiteral("(value > 3) > 2"), "character 1: true or false is not compared; use it as it is, or with not");
        row(QString(60, u'(') + QStringLiteral("value"), "character 51: more than 50 levels of brackets");
        row(QString(5000, u'x'), "the expression has 5000 characters; at most 4000");
    }

    void refused()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto expression = Expression::parse(text.toStdString(), Known);
        QVERIFY(!expression);
        QCOMPARE(QString::fromStdString(expression.error().plain()), says);
    }
};

QTEST_GUILESS_MAIN(TestExpression)
#include "tst_expression.moc"
