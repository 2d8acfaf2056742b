#pragma once

#include "widgets/plantsession.h"

#include "widgets/alarms/alarmpanel.h"
#include "widgets/main/desk.h"

#include <QTest>
#include <QtWidgets>

namespace sg {

// A console on a session of a test, in a window of its own, and what a test's hand does to it. A base of test classes.
class ConsoleDesk
{
protected:
    void open(QSize size)
    {
        m_session = std::make_shared<PlantSession>();
        static SourceCatalog catalog;
        WindowContext context;
        context.catalog = &catalog;
        m_desk = std::make_unique<Desk>(m_session, context);
        m_panel = std::make_unique<AlarmPanel>(*m_desk, QString());
        m_panel->resize(size);
        m_panel->show();
        QCursor::setPos(1900, 1060); // where the test before left it, it would hold the list
        activate();
        view().setFocus();
    }
    void close()
    {
        m_panel.reset();
        m_desk.reset();
        m_session.reset();
    }
    void activate() const // keys go to an active window only; without a window manager nobody gives the focus back
    {
        m_panel->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
    }
    template <class T> T *child(const char *name) const { return m_panel->findChild<T *>(QString::fromLatin1(name)); }
    template <class T> T *top(const char *name) const
    {
        for (auto *widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->objectName() == QLatin1String(name))
                return qobject_cast<T *>(widget);
        return nullptr;
    }
    [[nodiscard]] QTableView &view() const { return *m_panel->view(); }
    [[nodiscard]] AlarmModel &model() const { return m_panel->model(); }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const { QTest::keyClick(&view(), key, modifiers); }
    [[nodiscard]] QString answer() const { return child<QLabel>("ackAnswer")->text(); }
    void painted() const // what the model has is on the screen
    {
        m_session->show();
        m_desk->feed().poll();
        view().viewport()->repaint();
    }
    void makeStorm(int count) const
    {
        std::vector<SeriesId> ids;
        for (int i = 0; i < count; ++i)
            ids.push_back(m_session->add("press/L1/P-" + std::to_string(1000 + i) + "/temp"));
        m_session->storm(ids, 70);
        m_session->wait(Millis(10));
        m_session->storm(ids, 85);
        painted();
    }

    std::shared_ptr<PlantSession> m_session;
    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<AlarmPanel> m_panel;
};

}
