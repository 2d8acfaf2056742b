#include "widgets/connect/savedpage.h"

#include "items/texts.h"
#include "widgets/rules/ruledialog.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t MostListed = 500;

}

SavedPage::SavedPage(ConnectState &state, QWidget *parent)
    : ConnectPage(state, parent)
{
    m_said = plainText("savedSaid", this);
    m_series = new QComboBox(this);
    m_series->setObjectName(QStringLiteral("savedSeries"));
    m_series->setAccessibleName(tr("Series"));
    m_rule = new QPushButton(tr("Make a &rule for it …"), this);
    m_rule->setObjectName(QStringLiteral("savedRule"));
    m_chart = new QPushButton(tr("Put it on a &chart"), this);
    m_chart->setObjectName(QStringLiteral("savedChart"));
    auto *row = new QHBoxLayout;
    for (auto *button : {m_rule, m_chart}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    row->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(m_said);
    layout->addWidget(m_series);
    layout->addLayout(row);
    layout->addStretch(1);
    auto &desk = state.desk();
    connect(&desk.edits(), &EditStack::said, this, [this](const QString &text, bool isError) {
        if (isError && m_isRead && !m_isSaved) // written, and then found wrong
            m_refused += (m_refused.isEmpty() ? QString() : QStringLiteral("\n")) + text;
        look();
    });
    connect(&desk, &Desk::workspaceChanged, this, [this] {
        m_isRead = true;
        look();
    });
    connect(&desk.feed(), &SnapshotFeed::second, this, &SavedPage::look);
    connect(m_rule, &QPushButton::clicked, this, &SavedPage::makeRule);
    connect(m_chart, &QPushButton::clicked, this, [this] {
        Q_EMIT m_state.desk().addToChartWanted({m_series->currentData().toString()});
        Q_EMIT finished();
    });
}

void SavedPage::enter()
{
    m_isSaved = m_isRead = false;
    m_refused.clear();
    m_series->clear();
    look();
}

void SavedPage::refuse(const Error &why)
{
    m_refused = errorText(why);
    look();
}

void SavedPage::look()
{
    if (!isVisible())
        return;
    const auto id = m_state.item().text("id");
    const auto &sources = m_state.desk().workspace()->sources;
    if (m_isRead && !m_isSaved && std::any_of(sources.begin(), sources.end(), [&](const SourceSpec &one) { return one.id == id; })) {
        m_isSaved = true;
        Q_EMIT settled();
    }
    const auto &rows = m_state.desk().feed().current()->series;
    std::size_t series = 0;
    for (std::size_t i = 0; m_isSaved && i < rows.size(); ++i) {
        const auto &path = rows.at(i).path;
        if (!path || sourceOf(*path) != id)
            continue;
        ++series;
        if (series <= MostListed && m_series->findData(textOf(*path)) < 0)
            m_series->addItem(seriesName(*path), textOf(*path));
    }
    for (auto *one : {static_cast<QWidget *>(m_series), static_cast<QWidget *>(m_rule), static_cast<QWidget *>(m_chart)})
        one->setVisible(series > 0);
    if (!m_isSaved && !m_refused.isEmpty())
        m_said->setText(tr("Not saved.\n%1\nGo back, change it and save again.").arg(m_refused));
    else if (!m_isSaved)
        m_said->setText(tr("Saving …"));
    else if (series == 0)
        m_said->setText(tr("Saved. Source %1 connects; its series stand in the tree on the left as soon as a message comes. "
                           "Undo (Ctrl+Z) takes it out again.")
                            .arg(textOf(id)));
    else
        m_said->setText(
            tr("Saved, and it reads: %n series so far. They stand in the tree on the left. What next?", nullptr, static_cast<int>(series)));
    if (!m_isSaved && !m_refused.isEmpty())
        Q_EMIT settled();
}

void SavedPage::makeRule()
{
    RuleDialog::add(m_state.desk(), m_series->currentData().toString(), window()->parentWidget());
    Q_EMIT finished();
}

}
