#include "widgets/connect/patterneditor.h"

#include "core/text.h"
#include "decode/topicpattern.h"
#include "items/texts.h"
#include "widgets/connect/connectpage.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t MostRows = 40; // shown

}

PatternEditor::PatternEditor(QWidget *parent)
    : QWidget(parent)
{
    m_hint = plainText("patternHint", this);
    m_common = new QPushButton(this);
    m_common->setObjectName(QStringLiteral("patternCommon"));
    m_common->setAutoDefault(false);
    m_typed = new QLineEdit(this);
    m_typed->setObjectName(QStringLiteral("patternTyped"));
    m_typed->setAccessibleName(tr("A topic or a pattern"));
    m_typed->setPlaceholderText(tr("or type one, and Enter"));
    m_scroll = new QScrollArea(this);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    auto *page = new QWidget(m_scroll);
    m_rows = new QVBoxLayout(page);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->addStretch(1);
    m_scroll->setWidget(page);
    auto *last = new QHBoxLayout;
    last->addWidget(m_typed, 1);
    last->addWidget(m_common);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_hint);
    layout->addWidget(m_scroll, 1);
    layout->addLayout(last);
    connect(m_typed, &QLineEdit::returnPressed, this, &PatternEditor::addTyped);
    connect(m_common, &QPushButton::clicked, this, [this] {
        if (const auto common = commonPattern(m_patterns, m_separator))
            take({*common});
    });
    rebuild();
}

void PatternEditor::setSeparator(char separator)
{
    m_separator = separator;
    rebuild();
}

void PatternEditor::setKnown(std::vector<std::string> topics)
{
    m_known = std::move(topics);
    rebuild();
}

void PatternEditor::setPatterns(const std::vector<std::string> &patterns)
{
    if (patterns == m_patterns)
        return;
    m_patterns = patterns;
    rebuild();
}

void PatternEditor::take(std::vector<std::string> patterns)
{
    m_patterns = std::move(patterns);
    rebuild();
    Q_EMIT changed();
}

QString PatternEditor::metBy(const std::string &pattern) const
{
    const auto parsed = TopicPattern::parse(pattern, m_separator);
    if (!parsed)
        return errorText(parsed.error());
    if (m_known.empty() || parsed->isPlain())
        return {};
    const auto met = std::count_if(m_known.begin(), m_known.end(), [&](const auto &topic) { return parsed->match(topic).has_value(); });
    return tr("%n topic(s)", nullptr, static_cast<int>(met));
}

void PatternEditor::rebuild()
{
    // The part that was clicked is often the sender of the signal that leads here.
    if (m_inner != nullptr) {
        m_inner->hide();
        m_inner->deleteLater();
    }
    m_inner = new QWidget(this);
    auto *rows = new QVBoxLayout(m_inner);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(2);
    m_rows->insertWidget(0, m_inner);
    for (std::size_t row = 0; row < std::min(m_patterns.size(), MostRows); ++row)
        addRow(row);
    if (m_patterns.size() > MostRows)
        rows->addWidget(plainText("patternMore", m_inner, tr("and %1 more").arg(m_patterns.size() - MostRows)));
    m_hint->setText(m_patterns.empty() ? tr("Nothing chosen yet: check one or more above.")
                                       : tr("Click a part that tells things apart, such as the name of a line, to make it a label."));
    const auto common = commonPattern(m_patterns, m_separator);
    m_common->setVisible(common.has_value());
    if (common)
        m_common->setText(tr("&One pattern: %1").arg(textOf(shown(*common, 60)).replace(u'&', QStringLiteral("&&"))));
    // Made later than what stands below them, and yet before it for Tab.
    QWidget *before = m_scroll;
    for (auto *child : m_inner->findChildren<QWidget *>())
        if (child->focusPolicy() != Qt::NoFocus)
            QWidget::setTabOrder(std::exchange(before, child), child);
    if (m_focus.isEmpty())
        return;
    if (auto *again = m_inner->findChild<QWidget *>(m_focus))
        again->setFocus();
    m_focus.clear();
}

void PatternEditor::addRow(std::size_t row)
{
    auto *line = new QWidget(m_inner);
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    const auto parts = partsOf(m_patterns[row], m_separator);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto &part = parts[i];
        const auto name = QStringLiteral("part-%1-%2").arg(row).arg(i);
        if (!part.before.empty())
            layout->addWidget(plainText("patternSeparator", line, textOf(part.before)));
        if (part.isLabel) {
            auto *edit = new QLineEdit(textOf(part.text), line);
            edit->setObjectName(name);
            edit->setAccessibleName(tr("Name of the label"));
            edit->setToolTip(tr("The name of the label; empty makes it plain again"));
            edit->setFixedWidth(fontMetrics().horizontalAdvance(edit->text() + QStringLiteral("mmm")) + 12);
            layout->addWidget(plainText("patternBrace", line, QStringLiteral("{")));
            layout->addWidget(edit);
            layout->addWidget(plainText("patternBrace", line, QStringLiteral("}")));
            connect(edit, &QLineEdit::editingFinished, this, [this, row, i, edit] {
                if (!edit->isModified())
                    return;
                edit->setModified(false); // it loses the focus, and would tell so, while the rows are made anew
                const auto text = utf8Of(edit->text().trimmed());
                setPart(row, i, !text.empty(), text);
            });
        } else {
            auto *button = new QToolButton(line);
            button->setObjectName(name);
            button->setText(textOf(shown(part.text, 80)).replace(u'&', QStringLiteral("&&")));
            button->setFocusPolicy(Qt::StrongFocus);
            button->setAutoRaise(part.isFixed);
            button->setEnabled(!part.isFixed);
            button->setAccessibleName(tr("Make %1 a label").arg(textOf(shown(part.text, 80))));
            layout->addWidget(button);
            connect(button, &QToolButton::clicked, this, [this, row, i, parts] { setPart(row, i, true, labelNameFor(parts, i)); });
        }
    }
    layout->addSpacing(8);
    layout->addWidget(plainText("patternMet", line, metBy(m_patterns[row])), 1);
    auto *remove = new QToolButton(line);
    remove->setObjectName(QStringLiteral("remove-%1").arg(row));
    remove->setText(QStringLiteral("✕"));
    remove->setAutoRaise(true);
    remove->setFocusPolicy(Qt::StrongFocus);
    remove->setAccessibleName(tr("Leave out %1").arg(textOf(shown(m_patterns[row], 80))));
    layout->addWidget(remove);
    connect(remove, &QToolButton::clicked, this, [this, row] {
        auto patterns = m_patterns;
        patterns.erase(patterns.begin() + static_cast<std::ptrdiff_t>(row));
        take(std::move(patterns));
    });
    m_inner->layout()->addWidget(line);
}

void PatternEditor::setPart(std::size_t row, std::size_t part, bool isLabel, const std::string &text)
{
    if (row >= m_patterns.size())
        return;
    auto parts = partsOf(m_patterns[row], m_separator);
    if (part >= parts.size())
        return;
    // A label that is taken back becomes what one of the known topics has there.
    auto plain = text;
    if (!isLabel) {
        plain = m_separator == '/' ? "+" : parts[part].text;
        const auto pattern = TopicPattern::parse(m_patterns[row], m_separator);
        for (const auto &topic : m_known)
            if (pattern && pattern->match(topic))
                if (const auto there = partsOf(topic, m_separator); part < there.size()) {
                    plain = there[part].text;
                    break;
                }
    }
    parts[part].text = plain;
    parts[part].isLabel = isLabel;
    const auto made = patternOf(parts);
    m_focus = QStringLiteral("part-%1-%2").arg(row).arg(part);
    auto patterns = m_patterns;
    patterns[row] = made;
    // What the new pattern meets needs no row of its own.
    if (const auto pattern = TopicPattern::parse(made, m_separator); pattern && !pattern->isPlain()) {
        std::size_t here = 0;
        std::erase_if(patterns, [&](const std::string &one) {
            const auto isOwn = here++ == row;
            return !isOwn && (one == made || pattern->match(one).has_value());
        });
    }
    take(std::move(patterns));
}

void PatternEditor::addTyped()
{
    const auto text = utf8Of(m_typed->text().trimmed());
    const auto pattern = TopicPattern::parse(text, m_separator);
    if (!pattern) {
        m_hint->setText(errorText(pattern.error()));
        return;
    }
    m_typed->clear();
    auto patterns = m_patterns;
    if (std::find(patterns.begin(), patterns.end(), text) == patterns.end())
        patterns.push_back(text);
    take(std::move(patterns));
}

}
