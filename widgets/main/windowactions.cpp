#include "widgets/main/windowactions.h"

#include "core/selector.h"
#include "items/texts.h"
#include "widgets/alarms/alarmdeeds.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/alarms/alarmsounds.h"
#include "widgets/alarms/attention.h"
#include "widgets/alarms/mutedialog.h"
#include "widgets/chart/timechart.h"
#include "widgets/dashboard/dashboard.h"
#include "widgets/export/exportdialog.h"
#include "widgets/main/usersettings.h"
#include "widgets/main/workbench.h"
#include "widgets/notify/routesdialog.h"
#include "widgets/rules/applydialog.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/rules/rulelist.h"
#include "widgets/rules/templatedialog.h"
#include "widgets/sources/seriespanel.h"
#include "widgets/sources/sourcedeeds.h"
#include "widgets/sources/sourcelist.h"
#include "widgets/theme/icons.h"
#include "widgets/tray/presence.h"
#include "widgets/tune/kpidialog.h"

#include <QApplication>
#include <QDockWidget>
#include <QInputDialog>
#include <QMainWindow>
#include <QMenuBar>
#include <QMessageBox>
#include <QTimeZone>
#include <QUndoStack>

namespace sg {

namespace {

const auto ZoneKey = QStringLiteral("window/zone");

}

WindowActions::WindowActions(QMainWindow &window, Presence &presence)
    : m_window(window)
    , m_presence(presence)
{
    applyZone();
    buildFile();
    buildEdit();
    buildView();
    buildAlarms();
    buildRules();
    buildHelp();
    setWorkbench(nullptr);
}

QAction *WindowActions::add(QMenu &menu, const QString &name, const QString &text, const QKeySequence &keys, std::function<void()> what,
                            bool needsWorkbench)
{
    auto *action = menu.addAction(text);
    action->setObjectName(name);
    action->setShortcut(keys);
    connect(action, &QAction::triggered, this, [this, what = std::move(what), needsWorkbench] {
        if (!needsWorkbench || m_workbench != nullptr)
            what();
    });
    if (needsWorkbench)
        m_needWorkbench.push_back(action);
    return action;
}

void WindowActions::buildFile()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&File"));
    add(
        menu, QStringLiteral("openWorkspace"), tr("&Open workspace …"), QKeySequence::Open, [this] { Q_EMIT openWanted(); }, false)
        ->setIcon(symbolIcon(Symbol::Open));
    add(
        menu, QStringLiteral("openDemo"), tr("Open the &demo plant"), QKeySequence(tr("Ctrl+Shift+D")), [this] { Q_EMIT demoWanted(); },
        false);
    menu.addSeparator();
    add(menu, QStringLiteral("addSource"), tr("Add &source …"), QKeySequence(tr("Ctrl+Shift+N")), [this] {
        deeds::addSource(m_workbench->desk(), &m_window);
    })->setIcon(symbolIcon(Symbol::Source));
    add(menu, QStringLiteral("sources"), tr("So&urces …"), QKeySequence(tr("Ctrl+Shift+S")),
        [this] { (new SourceList(m_workbench->desk(), &m_window))->open(); });
    add(menu, QStringLiteral("reload"), tr("&Read the workspace again"), QKeySequence(Qt::Key_F5),
        [this] { m_workbench->desk().edits().reload(false, {}, {}); });
    add(menu, QStringLiteral("consent"), tr("Ser&vers and secrets …"), QKeySequence(tr("Ctrl+Shift+V")),
        [this] { m_workbench->askConsent(true); });
    menu.addSeparator();
    add(menu, QStringLiteral("exportChart"), tr("Export &chart data …"), QKeySequence(tr("Ctrl+E")), [this] {
        ExportDialog::forChart(m_workbench->desk(), m_workbench->dashboard().currentChart(), &m_window);
    })->setIcon(symbolIcon(Symbol::Export));
    add(menu, QStringLiteral("exportJournal"), tr("Export alarm &journal …"), QKeySequence(tr("Ctrl+Shift+E")),
        [this] { ExportDialog::forJournal(m_workbench->desk(), &m_window); });
    menu.addSeparator();
    auto *again = add(
        menu, QStringLiteral("askAgain"), tr("As&k again when closing"), QKeySequence(tr("Ctrl+Shift+Q")), [] { Presence::askAgain(); },
        false);
    connect(&menu, &QMenu::aboutToShow, again, [again] { again->setEnabled(Presence::isRemembered()); });
    add(
        menu, QStringLiteral("quit"), tr("&Quit"), QKeySequence::Quit, [this] { m_presence.quit(); }, false)
        ->setMenuRole(QAction::QuitRole);
}

void WindowActions::buildEdit()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&Edit"));
    m_undo = add(menu, QStringLiteral("undo"), tr("&Undo"), QKeySequence::Undo, [this] { m_workbench->desk().edits().stack().undo(); });
    m_undo->setIcon(symbolIcon(Symbol::Undo));
    m_redo = add(menu, QStringLiteral("redo"), tr("&Redo"), QKeySequence::Redo, [this] { m_workbench->desk().edits().stack().redo(); });
    m_redo->setIcon(symbolIcon(Symbol::Redo));
    menu.addSeparator();
    add(menu, QStringLiteral("filterSeries"), tr("&Filter series"), QKeySequence::Find, [this] {
        m_workbench->seriesDock()->show();
        m_workbench->series().focusFilter();
    });
}

void WindowActions::buildView()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&View"));
    add(menu, QStringLiteral("addChart"), tr("&Add chart"), QKeySequence(tr("Ctrl+Shift+C")), [this] {
        m_workbench->dashboard().addChart(m_workbench->series().selectedPaths());
    })->setIcon(symbolIcon(Symbol::Add));
    add(menu, QStringLiteral("freeze"), tr("&Freeze or thaw the chart\tSpace"), {}, [this] {
        if (auto *chart = m_workbench->dashboard().currentChart())
            chart->toggleFreeze();
    })->setIcon(symbolIcon(Symbol::Freeze));
    add(menu, QStringLiteral("zoomBack"), tr("Zoom &back"), QKeySequence(tr("Alt+Left")), [this] {
        if (auto *chart = m_workbench->dashboard().currentChart())
            chart->goBack();
    });
    add(menu, QStringLiteral("zoomForward"), tr("Zoom f&orward"), QKeySequence(tr("Alt+Right")), [this] {
        if (auto *chart = m_workbench->dashboard().currentChart())
            chart->goForward();
    });
    add(menu, QStringLiteral("live"), tr("All charts &live"), QKeySequence(tr("Ctrl+L")), [this] {
        for (auto *chart : m_workbench->dashboard().charts())
            chart->goLive();
    })->setIcon(symbolIcon(Symbol::Live));
    menu.addSeparator();
    m_seriesDock = add(menu, QStringLiteral("toggleSeries"), tr("&Series"), QKeySequence(tr("Ctrl+1")),
                       [this] { m_workbench->seriesDock()->setVisible(!m_workbench->seriesDock()->isVisible()); });
    m_alarmsDock = add(menu, QStringLiteral("toggleAlarms"), tr("A&larms"), QKeySequence(tr("Ctrl+2")),
                       [this] { m_workbench->alarmsDock()->setVisible(!m_workbench->alarmsDock()->isVisible()); });
    add(menu, QStringLiteral("messages"), tr("&Messages of a source …"), QKeySequence(tr("Ctrl+Shift+M")), [this] { showMessages(); });
    menu.addSeparator();
    add(
        menu, QStringLiteral("toggleTheme"), tr("&Light or dark"), QKeySequence(tr("Ctrl+T")),
        [] {
            applyTheme(!theme().isDark);
            userSettings().setValue(QStringLiteral("window/dark"), theme().isDark);
        },
        false)
        ->setIcon(symbolIcon(Symbol::Theme));
    add(menu, QStringLiteral("timeZone"), tr("Time &zone …"), QKeySequence(tr("Ctrl+Shift+Z")), [this] { chooseZone(); });
    add(
        menu, QStringLiteral("fullScreen"), tr("F&ull screen"), QKeySequence(Qt::Key_F11),
        [this] { m_window.setWindowState(m_window.windowState() ^ Qt::WindowFullScreen); }, false);
}

// Of the source that is chosen in the tree, else the first.
void WindowActions::showMessages()
{
    auto &desk = m_workbench->desk();
    const auto paths = m_workbench->series().selectedPaths();
    const auto &sources = desk.workspace()->sources;
    if (!paths.isEmpty())
        deeds::showMessages(desk, std::string(sourceOf(utf8Of(paths.front()))), m_workbench->page());
    else if (!sources.empty())
        deeds::showMessages(desk, sources.front().id, m_workbench->page());
}

void WindowActions::buildAlarms()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&Alarms"));
    m_alarms = &menu;
    add(menu, QStringLiteral("acknowledge"), tr("&Acknowledge selected\tA"), QKeySequence(tr("Ctrl+Return")), [this] {
        m_workbench->alarms().acknowledgeSelected();
    })->setIcon(symbolIcon(Symbol::Acknowledge));
    m_silence = add(menu, QStringLiteral("silence"), tr("&Silence for 5 min"), QKeySequence(Qt::Key_F8),
                    [this] { m_workbench->sounds().silence(); });
    m_silence->setIcon(symbolIcon(Symbol::Silence));
    m_sound = add(menu, QStringLiteral("sound"), tr("S&ound on"), QKeySequence(tr("Shift+F8")), [this] {
        auto &sounds = m_workbench->sounds();
        sounds.setEnabled(m_sound->isChecked());
        if (!m_workbench->desk().isDemo())
            userSettings().setValue(QStringLiteral("alarms/sound"), sounds.isEnabled());
    });
    m_sound->setCheckable(true);
    m_mute = add(menu, QStringLiteral("mute"), tr("&Mute for a time …"), QKeySequence(tr("Ctrl+F8")), [this] {
        auto &attention = m_workbench->desk().attention();
        if (attention.isMuted())
            attention.unmute(userSettings().value(QStringLiteral("operator/name")).toString());
        else
            (new MuteDialog(attention, &m_window))->open();
    });
    add(menu, QStringLiteral("testSounds"), tr("&Test the sounds, low to urgent"), QKeySequence(tr("Ctrl+Shift+F8")),
        [this] { m_workbench->sounds().test(); });
    m_notify = add(menu, QStringLiteral("notify"), tr("Desktop &notifications"), QKeySequence(tr("Ctrl+Alt+N")),
                   [this] { m_presence.setNotifying(m_notify->isChecked()); });
    m_notify->setCheckable(true);
    menu.addSeparator();
    add(menu, QStringLiteral("whoseAlarms"), tr("&Whose alarms …"), QKeySequence(tr("Ctrl+Shift+W")), [this] {
        m_workbench->alarmsDock()->show();
        m_workbench->alarms().chooseWhose();
    });
    menu.addSeparator();
    add(menu, QStringLiteral("kpiReport"), tr("&KPI report …"), QKeySequence(tr("Ctrl+Shift+K")), [this] {
        auto *report = m_workbench->page()->findChild<KpiDialog *>(); // put aside for a chart
        if (report == nullptr)
            report = new KpiDialog(m_workbench->desk(), m_workbench->page());
        report->show();
        report->raise();
        report->activateWindow();
    });
    add(menu, QStringLiteral("routes"), tr("&Who is told …"), QKeySequence(tr("Ctrl+Shift+T")),
        [this] { (new RoutesDialog(m_workbench->desk(), m_workbench->page()))->show(); });
}

void WindowActions::buildRules()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&Rules"));
    add(menu, QStringLiteral("addRule"), tr("&Add rule …"), QKeySequence(tr("Ctrl+Shift+R")), [this] {
        const auto paths = m_workbench->series().selectedPaths();
        RuleDialog::add(m_workbench->desk(), paths.isEmpty() ? QString() : paths.front(), &m_window);
    })->setIcon(symbolIcon(Symbol::Rule));
    add(menu, QStringLiteral("addFromTemplate"), tr("Add from &template …"), QKeySequence(tr("Ctrl+Alt+R")),
        [this] { (new TemplateDialog(m_workbench->desk(), &m_window))->open(); });
    add(menu, QStringLiteral("changeRule"), tr("&Rules …"), QKeySequence(tr("Ctrl+R")),
        [this] { (new RuleList(m_workbench->desk(), m_workbench->alarms().selectedRule(), &m_window))->open(); });
    menu.addSeparator();
    add(menu, QStringLiteral("applyStaged"), tr("Apply &staged changes …"), QKeySequence(tr("Ctrl+Shift+A")),
        [this] { (new ApplyDialog(m_workbench->desk(), &m_window))->open(); });
}

void WindowActions::buildHelp()
{
    auto &menu = *m_window.menuBar()->addMenu(tr("&Help"));
    add(
        menu, QStringLiteral("keys"), tr("&Keys of a chart"), QKeySequence(Qt::Key_F1),
        [this] {
            QMessageBox::information(&m_window, tr("Keys of a chart"),
                                     tr("Wheel: zoom time at the pointer; Ctrl+wheel, or over a value axis: values\n"
                                        "Shift+wheel, Ctrl+drag, middle drag: pan\n"
                                        "Drag: zoom into a box; along an axis: that axis only\n"
                                        "Shift+drag: select a range, with statistics\n"
                                        "Double click, End: live\n"
                                        "Alt+Left, Alt+Right: back and forth through the zooms\n"
                                        "Space: freeze and thaw\nF: fit everything\nHome: oldest\n"
                                        "Left, Right: pan; Up, Down: zoom values; Page Up, Page Down: pan values; + and -: zoom\n"
                                        "Shift+Left, Shift+Right: move the cursor; with Ctrl: select a range; Enter: zoom into it\n"
                                        "R: reference at the cursor; Esc: drop cursor, reference and range"));
        },
        false);
    m_overlay = add(menu, QStringLiteral("overlay"), tr("&Developer overlay"), QKeySequence(Qt::Key_F12),
                    [this] { m_workbench->showOverlay(m_overlay->isChecked()); });
    m_overlay->setCheckable(true);
    add(
        menu, QStringLiteral("about"), tr("&About Sightglass"), QKeySequence(tr("Shift+F1")),
        [this] {
            QMessageBox::about(
                &m_window, tr("About Sightglass"),
                tr("Sightglass watches processed data: charts, alarms, CSV. Free software under the GPL, version 3 or later."));
        },
        false)
        ->setMenuRole(QAction::AboutRole);
}

void WindowActions::chooseZone()
{
    const auto own = tr("This machine's");
    QStringList names{own, QStringLiteral("UTC")};
    for (const auto &id : QTimeZone::availableTimeZoneIds())
        if (id != "UTC")
            names << QString::fromLatin1(id);
    const auto chosen = userSettings().value(ZoneKey).toString();
    auto *dialog = new QInputDialog(&m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("chooseZone"));
    dialog->setWindowTitle(tr("Time zone"));
    dialog->setLabelText(tr("Charts and lists show times in the zone"));
    dialog->setComboBoxItems(names);
    dialog->setTextValue(chosen.isEmpty() ? own : chosen);
    connect(dialog, &QInputDialog::textValueSelected, this, [own](const QString &name) {
        userSettings().setValue(ZoneKey, name == own ? QString() : name);
        applyZone();
    });
    dialog->open();
}

void WindowActions::applyZone()
{
    const auto name = userSettings().value(ZoneKey).toString();
    setDisplayZone(name.isEmpty() ? QTimeZone() : QTimeZone(name.toLatin1()));
}

void WindowActions::setWorkbench(Workbench *workbench)
{
    m_workbench = workbench;
    for (auto *action : m_needWorkbench)
        action->setEnabled(workbench != nullptr);
    m_overlay->setChecked(false);
    if (workbench == nullptr)
        return;
    workbench->alarms().deeds().fillOthers(*m_alarms, m_silence);
    auto &stack = workbench->desk().edits().stack();
    const auto refresh = [this, &stack] {
        m_undo->setEnabled(stack.canUndo());
        m_undo->setText(stack.canUndo() ? tr("&Undo %1").arg(stack.undoText()) : tr("&Undo"));
        m_redo->setEnabled(stack.canRedo());
        m_redo->setText(stack.canRedo() ? tr("&Redo %1").arg(stack.redoText()) : tr("&Redo"));
    };
    connect(&stack, &QUndoStack::indexChanged, this, refresh);
    refresh();
    connect(&workbench->sounds(), &AlarmSounds::changed, this, &WindowActions::refreshSound);
    connect(&workbench->desk().attention(), &Attention::changed, this, &WindowActions::refreshSound);
    refreshSound();
    m_notify->setChecked(m_presence.isNotifying());
}

void WindowActions::refreshSound()
{
    m_sound->setChecked(m_workbench->sounds().isEnabled());
    m_silence->setEnabled(m_workbench->sounds().isEnabled());
    m_mute->setText(m_workbench->desk().attention().isMuted() ? tr("End the &mute") : tr("&Mute for a time …"));
}

}
