#include "widgets/main/workbench.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "items/unwatched.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/alarms/alarmsounds.h"
#include "widgets/alarms/soundline.h"
#include "widgets/alarms/soundplayer.h"
#include "widgets/dashboard/dashboard.h"
#include "widgets/main/consentdialog.h"
#include "widgets/main/messagebar.h"
#include "widgets/main/overlay.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"
#include "widgets/rules/applydialog.h"
#include "widgets/rules/watchline.h"
#include "widgets/sources/seriespanel.h"
#include "widgets/sources/sourcebar.h"

#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QStatusBar>
#include <QTabBar>
#include <QVBoxLayout>

namespace sg {

Workbench::Workbench(std::shared_ptr<Session> session, const WindowContext &context, QMainWindow &window)
    : m_window(window)
    , m_desk(std::move(session), context)
{
    m_page = new QWidget;
    m_messages = new MessageBar(m_page);
    m_tabs = new QTabBar(m_page);
    m_tabs->setObjectName(QStringLiteral("pages"));
    m_tabs->setAccessibleName(tr("Pages"));
    m_tabs->setDrawBase(false);
    m_dashboard = new Dashboard(m_desk, m_page);
    auto *layout = new QVBoxLayout(m_page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_messages);
    layout->addWidget(m_tabs);
    layout->addWidget(m_dashboard, 1);

    m_series = new SeriesPanel(m_desk);
    m_seriesDock = new QDockWidget(tr("Series"), &window);
    m_seriesDock->setObjectName(QStringLiteral("seriesDock"));
    m_seriesDock->setWidget(m_series);
    m_alarms = new AlarmPanel(m_desk, {});
    m_alarmsDock = new QDockWidget(m_desk.isDemo() ? tr("Alarms (DEMO)") : tr("Alarms"), &window);
    m_alarmsDock->setObjectName(QStringLiteral("alarmsDock"));
    m_alarmsDock->setWidget(m_alarms);
    window.addDockWidget(Qt::LeftDockWidgetArea, m_seriesDock);
    window.addDockWidget(Qt::BottomDockWidgetArea, m_alarmsDock);
    window.setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea); // a row of the list is long
    window.resizeDocks({m_seriesDock}, {380}, Qt::Horizontal);
    window.resizeDocks({m_alarmsDock}, {280}, Qt::Vertical);

    m_sounds = std::make_unique<AlarmSounds>(m_desk.feed(), m_desk.attention(),
                                             [player = std::make_shared<SoundPlayer>()](std::optional<Priority> priority) {
                                                 priority ? player->play(*priority) : player->stop();
                                             });
    m_sounds->setEnabled(!m_desk.isDemo() && userSettings().value(QStringLiteral("alarms/sound"), true).toBool());

    auto *sources = new SourceBar(m_desk);
    auto *watch = new WatchLine(m_desk);
    watch->setContentsMargins(8, 0, 8, 0);
    window.statusBar()->addWidget(sources, 1);
    window.statusBar()->addPermanentWidget(watch);
    m_statusWidgets = {sources, watch};
    if (!m_desk.isDemo()) { // a demo is silent from the start
        auto *sound = new SoundLine(m_desk.attention(), *m_sounds);
        window.statusBar()->addPermanentWidget(sound);
        m_statusWidgets.push_back(sound);
    }
    if (m_desk.session().link().state != SessionLink::State::Own) {
        m_link = new QLabel;
        m_link->setObjectName(QStringLiteral("linkLabel"));
        m_link->setTextFormat(Qt::PlainText);
        m_link->setContentsMargins(8, 0, 8, 0);
        window.statusBar()->addPermanentWidget(m_link);
        m_statusWidgets.push_back(m_link);
        connect(&m_desk.feed(), &SnapshotFeed::changed, this, &Workbench::refreshLink);
        refreshLink();
    }

    connect(&m_desk, &Desk::said, m_messages, &MessageBar::say);
    connect(m_messages, &MessageBar::taken, this, [this] { (new ApplyDialog(m_desk, &m_window))->open(); });
    connect(&m_desk, &Desk::workspaceChanged, this, &Workbench::refreshPages);
    connect(&m_desk, &Desk::workspaceChanged, this, [this] { askConsent(false); });
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        if (index >= 0 && static_cast<std::size_t>(index) != m_dashboard->pageIndex())
            m_dashboard->showPage(static_cast<std::size_t>(index));
        userSettings().setValue(pageKey(), index);
    });
    connect(&m_desk.feed(), &SnapshotFeed::second, this, &Workbench::refreshTroubles);
    const auto page = userSettings().value(pageKey(), 0).toInt(); // before the tabs are made, which writes it
    refreshPages();
    m_tabs->setCurrentIndex(std::clamp(page, 0, std::max(0, m_tabs->count() - 1)));
    for (const auto &error : m_desk.workspace()->errors)
        m_messages->say(errorText(error), true);
    refreshTroubles();
    askConsent(false);
}

Workbench::~Workbench()
{
    delete m_consent;
    delete m_overlay;
    for (auto *widget : m_statusWidgets) {
        m_window.statusBar()->removeWidget(widget);
        delete widget;
    }
    m_sounds.reset();
    delete m_alarmsDock;
    delete m_seriesDock;
    delete m_page;
}

void Workbench::showOverlay(bool shows)
{
    delete m_overlay;
    if (!shows)
        return;
    m_overlay = new Overlay(m_desk, &m_window);
    connect(m_dashboard, &Dashboard::drawn, m_overlay, &Overlay::drew);
}

void Workbench::askConsent(bool isWanted)
{
    m_desk.session().run([this, self = QPointer<QObject>(this), workspace = m_desk.workspace(), isWanted] {
        const auto missing = Consents::keptFor(*workspace).missing(*workspace);
        postTo(self, [this, missing, isWanted] {
            if (missing.empty() && isWanted)
                Q_EMIT m_desk.said(tr("Everything that this workspace reaches was agreed to."), false);
            if (missing.empty() || m_consent)
                return;
            m_consent = new ConsentDialog(m_desk, missing, &m_window);
            m_consent->open();
        });
    });
}

// Which page was open is remembered for each workspace.
QString Workbench::pageKey() const
{
    return QStringLiteral("page/") + textOf(m_desk.workspace()->name).replace(u'/', u'-');
}

void Workbench::refreshPages()
{
    const auto &pages = m_desk.workspace()->pages;
    while (m_tabs->count() > static_cast<int>(pages.size()))
        m_tabs->removeTab(m_tabs->count() - 1);
    for (int i = 0; i < static_cast<int>(pages.size()); ++i) {
        const auto name = textOf(pages[static_cast<std::size_t>(i)].name);
        if (i < m_tabs->count())
            m_tabs->setTabText(i, name);
        else
            m_tabs->addTab(name);
    }
    m_tabs->setVisible(pages.size() > 1);
}

// Of an attached window: whose data this is, and whether it still comes.
void Workbench::refreshLink()
{
    const auto link = m_desk.session().link();
    const auto who = tr("agent %1 on %2").arg(link.process).arg(textOf(link.host));
    const auto isLost = m_desk.feed().current()->isLost;
    m_link->setText(isLost ? tr("LOST: %1").arg(who) : tr("attached to %1").arg(who));
    m_link->setToolTip(link.why && isLost ? errorText(*link.why) : QString());
    auto font = m_link->font();
    font.setBold(isLost);
    m_link->setFont(font);
    if (isLost != m_wasLost)
        refreshTroubles(); // at once, not with the next second
    m_wasLost = isLost;
}

void Workbench::refreshTroubles()
{
    const auto &snapshot = *m_desk.feed().current();
    QStringList standing;
    for (const auto &trouble : snapshot.troubles)
        standing << errorText(trouble);
    QStringList closing;
    for (const auto &name : snapshot.staged)
        closing << stagedText(name, snapshot, *m_desk.workspace());
    if (!closing.isEmpty())
        standing << tr("An edit waits, because it would close these alarms: %1. Until it is applied the old rule is in effect.")
                        .arg(closing.join(QStringLiteral(", ")));
    if (!m_desk.isDemo())
        for (const auto &[key, text, isFinal] : unwatchedLines(snapshot))
            m_messages->setNote(key, text, isFinal);
    m_messages->setOffer(closing.isEmpty() ? QString() : tr("Apply …"));
    m_messages->setStanding(standing);
}

}
