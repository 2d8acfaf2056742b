#include "widgets/theme/theme.h"

#include "plot/palette.h"

#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

namespace sg {

namespace {

Theme makeTheme(bool isDark)
{
    if (isDark)
        return {true,
                QColor(0x26282b),
                QColor(0x2e3034),
                QColor(0x3a3d42),
                QColor(0x4c5056),
                QColor(0xe2e4e7),
                QColor(0x9aa0a8),
                QColor(0x8fa3b8),
                QColor(0x232528),
                QColor(0x3a3d42)};
    return {false,
            QColor(0xcfd2d5),
            QColor(0xdcdfe1),
            QColor(0xeceeef),
            QColor(0xa9adb2),
            QColor(0x1d2023),
            QColor(0x565c63),
            QColor(0x41586f),
            QColor(0xe6e8ea),
            QColor(0xc6cacd)};
}

Theme &current()
{
    static Theme theme = makeTheme(false);
    return theme;
}

QString styleSheet(const Theme &t)
{
    return QStringLiteral("QToolTip { background: %1; color: %2; border: 1px solid %3; padding: 3px; }"
                          "QMainWindow::separator { background: %4; width: 5px; height: 5px; }"
                          "QDockWidget { color: %2; } QDockWidget::title { background: %4; padding: 4px 8px; }"
                          "QHeaderView::section { background: %4; color: %5; border: 0; border-bottom: 1px solid %3; padding: 3px 6px; }"
                          "QTreeView, QTableView { border: 1px solid %3; }"
                          "QStatusBar { background: %4; } QStatusBar::item { border: 0; }"
                          "QScrollBar { background: %4; } QScrollBar:vertical { width: 12px; } QScrollBar:horizontal { height: 12px; }"
                          "QScrollBar::handle { background: %3; border-radius: 3px; min-height: 24px; min-width: 24px; margin: 2px; }"
                          "QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; } QScrollBar::add-page, QScrollBar::sub-page "
                          "{ background: none; }"
                          "QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }"
                          "QLineEdit[isFaulty=\"true\"] { border: 2px solid %2; background: %1; }"
                          "QToolButton[popupMode=\"2\"] { padding-right: 8px; }" // the arrow stands beside the words, not on them
                          "QToolButton#chip { border: 1px solid %3; border-radius: 3px; padding: 1px 6px; }")
        .arg(t.raised.name(), t.text.name(), t.line.name(), t.ground.name(), t.faint.name());
}

}

const Theme &theme()
{
    return current();
}

void applyTheme(bool isDark)
{
    auto &t = current();
    t = makeTheme(isDark);
    QPalette p;
    p.setColor(QPalette::Window, t.ground);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.panel);
    p.setColor(QPalette::AlternateBase, t.ground);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.faint);
    p.setColor(QPalette::Button, t.raised);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::Highlight, t.accent);
    p.setColor(QPalette::HighlightedText, isDark ? QColor(0x16181a) : QColor(0xffffff));
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::Light, t.raised);
    p.setColor(QPalette::Midlight, t.raised);
    p.setColor(QPalette::Mid, t.line);
    p.setColor(QPalette::Dark, t.line);
    p.setColor(QPalette::Shadow, QColor(0, 0, 0, 120));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.faint);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(p);
    qApp->setStyleSheet(styleSheet(t));
}

QColor Theme::priority(Priority priority) const
{
    switch (priority) {
    case Priority::Low:
        return isDark ? QColor(0xb58ae0) : QColor(0x7d4fb3);
    case Priority::Medium:
        return QColor(0xf2c200);
    case Priority::High:
        return QColor(0xf07800);
    case Priority::Urgent:
        return isDark ? QColor(0xf0323c) : QColor(0xd00020);
    }
    return {};
}

QColor Theme::onPriority(Priority priority) const
{
    switch (priority) {
    case Priority::Low:
        return isDark ? QColor(Qt::black) : QColor(Qt::white);
    case Priority::Medium:
    case Priority::High:
        return Qt::black;
    case Priority::Urgent:
        return Qt::white;
    }
    return {};
}

// Greys only: alarm colours are for alarms. A lost source is loud by its alarm, here it is told by shape and word.
QColor Theme::source(SourceStatus::State state) const
{
    switch (state) {
    case SourceStatus::State::Live:
        return isDark ? QColor(0xc8cdd2) : QColor(0x3c4248);
    case SourceStatus::State::CatchingUp:
    case SourceStatus::State::Connecting:
    case SourceStatus::State::Stopped:
        return faint;
    case SourceStatus::State::Lost:
    case SourceStatus::State::Refused:
        return text;
    }
    return {};
}

QColor Theme::series(int index) const
{
    return QColor::fromRgb(seriesColour(index, isDark));
}

}
