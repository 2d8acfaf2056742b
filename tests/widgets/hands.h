#pragma once

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QTest>

// What a person does to a window, by events on visible widgets.
namespace sg::test {

template <class T> T *topWidget(const char *name) // a dialog; null: none is shown
{
    for (auto *widget : QApplication::topLevelWidgets())
        if (widget->isVisible() && widget->objectName() == QLatin1String(name))
            return qobject_cast<T *>(widget);
    return nullptr;
}

inline void chooseIn(QComboBox *box, const QString &data)
{
    QVERIFY(box != nullptr);
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    while (box->currentData().toString() != data && box->currentIndex() + 1 < box->count())
        QTest::keyClick(box, Qt::Key_Down);
    QCOMPARE(box->currentData().toString(), data);
}

inline void typeInto(QLineEdit *line, const QString &text) // in place of what is there
{
    QVERIFY(line != nullptr);
    line->setFocus();
    QTest::keyClick(line, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(line, text);
}

inline void clickOn(QAbstractButton *button, int patience = 10'000)
{
    QVERIFY(button != nullptr);
    QTRY_VERIFY2_WITH_TIMEOUT(button->isEnabled() && button->isVisible(), qPrintable(button->objectName()), patience);
    QTest::mouseClick(button, Qt::LeftButton);
}

}
