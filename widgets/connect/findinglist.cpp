#include "widgets/connect/findinglist.h"

#include "core/text.h"
#include "items/texts.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/itemnode.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

FindingList::FindingList(QWidget *parent)
    : QWidget(parent)
{
    (new QVBoxLayout(this))->setContentsMargins(0, 0, 0, 0);
}

void FindingList::show(const std::vector<PayloadFinding> &findings, const std::function<const Node &(const std::string &key)> &at,
                       QWidget *before)
{
    if (m_rows != nullptr) { // its button may be what leads here
        m_rows->hide();
        m_rows->deleteLater();
    }
    m_rows = new QWidget(this);
    auto *rows = new QVBoxLayout(m_rows);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(2);
    int number = 0;
    for (const auto &finding : findings) {
        auto *row = new QHBoxLayout;
        auto *text
            = plainText("finding", m_rows, (finding.isProblem ? QStringLiteral("⚠ ") : QStringLiteral("• ")) + errorText(finding.says));
        auto font = text->font();
        font.setBold(finding.isProblem);
        text->setFont(font);
        row->addWidget(text, 1);
        const auto isTaken = std::all_of(finding.settings.begin(), finding.settings.end(),
                                         [&](const auto &setting) { return at(setting.first).saysTheSame(flowNode(setting.second)); });
        if (!finding.settings.empty() && !isTaken) {
            // Where the item says something else already, that is what it would take the place of.
            const auto isOther = std::any_of(finding.settings.begin(), finding.settings.end(),
                                             [&](const auto &setting) { return !at(setting.first).isMissing(); });
            auto *take = new QPushButton(isOther ? tr("Use this instead") : tr("Take it"), m_rows);
            take->setObjectName(QStringLiteral("takeFinding-%1").arg(number));
            take->setAutoDefault(false);
            QStringList keys;
            for (const auto &[key, value] : finding.settings)
                keys << textOf(key + ": " + shown(value, 100));
            take->setAccessibleDescription(keys.join(u'\n'));
            row->addWidget(take);
            connect(take, &QPushButton::clicked, this, [this, settings = finding.settings] { Q_EMIT taken(settings); });
            QWidget::setTabOrder(std::exchange(before, take), take);
        }
        rows->addLayout(row);
        ++number;
    }
    layout()->addWidget(m_rows);
}

}
