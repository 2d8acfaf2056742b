#include "widgets/connect/samplepage.h"

#include "core/text.h"
#include "decode/messagetree.h"
#include "items/texts.h"
#include "widgets/connect/decodedview.h"
#include "widgets/connect/livefeed.h"
#include "widgets/connect/patternparts.h"
#include "widgets/tune/resulttable.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t Newest = 20;
constexpr int WhereRole = Qt::UserRole;
constexpr int NameRole = Qt::UserRole + 1;

QString useText(const PlaceUse &use)
{
    switch (use.role) {
    case PlaceRole::None:
        return {};
    case PlaceRole::Field:
        return SamplePage::tr("field %1").arg(textOf(use.name));
    case PlaceRole::Label:
        return SamplePage::tr("label %1").arg(textOf(use.name));
    case PlaceRole::Note:
        return SamplePage::tr("note %1").arg(textOf(use.name));
    case PlaceRole::Stamp:
        return SamplePage::tr("time");
    }
    return {};
}

void addNodes(QTreeWidgetItem &parent, const std::vector<TreeNode> &nodes, std::size_t hidden)
{
    for (const auto &node : nodes) {
        auto *item = new QTreeWidgetItem(&parent, {textOf(node.name), textOf(node.value)});
        item->setData(0, WhereRole, textOf(node.where));
        item->setData(0, NameRole, textOf(node.name));
        addNodes(*item, node.children, node.hidden);
    }
    if (hidden > 0)
        new QTreeWidgetItem(&parent, {SamplePage::tr("and %1 more").arg(hidden)});
}

template <class F> void eachItem(QTreeWidgetItem *item, const F &f)
{
    for (int i = 0; i < item->childCount(); ++i) {
        f(item->child(i));
        eachItem(item->child(i), f);
    }
}

}

SamplePage::SamplePage(ConnectState &state, QWidget *parent)
    : ConnectPage(state, parent)
{
    m_read = new QPushButton(this);
    m_read->setObjectName(QStringLiteral("sampleRead"));
    m_read->setAutoDefault(false);
    m_said = plainText("sampleSaid", this);
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("sampleTable"));
    m_table->setAccessibleName(tr("Newest messages"));
    setUpTable(*m_table);
    m_table->setModel(&m_model);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tree = new QTreeWidget(this);
    m_tree->setObjectName(QStringLiteral("sampleTree"));
    m_tree->setAccessibleName(tr("The message as it came"));
    m_tree->setHeaderLabels({tr("Raw"), tr("Value"), tr("Used as")});
    m_tree->setUniformRowHeights(true);
    padRows(*m_tree);
    m_tree->header()->setStretchLastSection(true);
    m_tree->installEventFilter(this);
    m_decoded = new DecodedView(this);
    m_place = plainText("samplePlace", this);
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("sampleName"));
    m_name->setAccessibleName(tr("Name"));
    auto *uses = new QHBoxLayout;
    uses->setSpacing(4);
    uses->addWidget(new QLabel(tr("Use it as"), this));
    uses->addWidget(m_name, 1);
    const auto addUse = [&](PlaceRole role, const char *name, const QString &text, const QString &tip) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(tip);
        button->setAutoDefault(false);
        button->setCheckable(true);
        uses->addWidget(button);
        m_uses.emplace_back(role, button);
        connect(button, &QPushButton::clicked, this, [this, role] { use(role); });
    };
    addUse(PlaceRole::Field, "useField", tr("Field"), tr("A value that is charted and that rules watch (F)"));
    addUse(PlaceRole::Label, "useLabel", tr("Label"), tr("Tells whose value it is: a part of the path (L)"));
    addUse(PlaceRole::Note, "useNote", tr("Note"), tr("Shown beside alarms, never part of the path (N)"));
    addUse(PlaceRole::Stamp, "useTime", tr("Time"), tr("When the value was measured (T)"));
    addUse(PlaceRole::None, "useNone", tr("Nothing"), tr("Leave it out (Delete)"));
    m_learn = new QCheckBox(tr("&All other numbers and short texts become fields by themselves"), this);
    m_learn->setObjectName(QStringLiteral("sampleLearn"));

    auto *top = new QHBoxLayout;
    top->addWidget(m_said, 1);
    top->addWidget(m_read);
    auto *findings = new QWidget(this);
    m_findings = new QVBoxLayout(findings);
    m_findings->setContentsMargins(0, 0, 0, 0);
    auto *sides = new QSplitter(this);
    sides->addWidget(m_tree);
    sides->addWidget(m_decoded);
    sides->setChildrenCollapsible(false);
    sides->setSizes({420, 300});
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(m_table);
    split->addWidget(sides);
    split->setChildrenCollapsible(false);
    split->setSizes({130, 320});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(top);
    layout->addWidget(findings);
    layout->addWidget(split, 1);
    layout->addWidget(m_place);
    layout->addLayout(uses);
    layout->addWidget(m_learn);

    m_again.setSingleShot(true);
    m_again.setInterval(50);
    connect(&m_again, &QTimer::timeout, this, [this] {
        showFindings();
        showMessage();
        m_table->scrollTo(m_table->currentIndex());
    });
    connect(&m_state, &ConnectState::changed, this, [this] {
        if (isVisible())
            m_again.start();
    });
    connect(m_read, &QPushButton::clicked, this, [this] { m_run.isRunning() ? m_run.stop() : read(); });
    connect(&m_run, &LongWork::runningChanged, this, &SamplePage::refresh);
    connect(&m_run, &BrowseRun::said, this, [this](const Error &step) { m_said->setText(errorText(step)); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &SamplePage::showMessage);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, &SamplePage::showPlace);
    connect(m_name, &QLineEdit::returnPressed, this, [this] {
        for (const auto &[role, button] : m_uses)
            if (button->isChecked() && role != PlaceRole::None)
                use(role);
    });
    connect(m_learn, &QCheckBox::toggled, this, [this](bool isOn) {
        if (isLearning(m_state.item()) != isOn)
            m_state.edit([isOn](Node &item) { setLearning(item, isOn); });
    });
    showPlace();
}

void SamplePage::enter()
{
    const auto asked = flowYaml(m_state.settings());
    if (asked != m_readFor || m_model.rowCount() == 0) {
        m_readFor = asked;
        read();
    }
    m_again.start();
    m_table->setFocus();
}

void SamplePage::leave()
{
    m_run.stop();
}

void SamplePage::read()
{
    const auto spec = m_state.spec();
    if (!spec || m_state.kind() == nullptr || m_state.kind()->browse == nullptr)
        return;
    m_said->setText(tr("Connecting …"));
    m_run.look(
        *m_state.kind(), *spec,
        [spec = *spec, separator = m_state.separator()](Browser &browser, const std::stop_token &stop) -> Result<Sample> {
            auto topics = topicsToRead(spec, browser, stop);
            if (!topics)
                return topics.error();
            BrowseRequest request;
            request.topics = std::move(*topics);
            request.count = Newest;
            Sample sample;
            const auto done = browser.read(
                request,
                [&](BrowsedMessage message) {
                    if (isMeant(spec, message.topic))
                        sample.messages.push_back(std::move(message));
                    return sample.messages.size() < Newest;
                },
                stop);
            if (!done && sample.messages.empty())
                return done.error();
            std::vector<Error> faults;
            const auto choice = TopicChoice::read(spec.settings, separator, faults);
            sample.recognition = recognise(sample.messages, spec.settings.has("topics") ? &choice : nullptr);
            return sample;
        },
        [this](Result<Sample> sample) { show(std::move(sample)); });
    refresh();
}

void SamplePage::show(Result<Sample> sample)
{
    if (!sample) {
        m_said->setText(tr("Nothing can be read. %1").arg(errorText(sample.error())));
        refresh();
        return;
    }
    m_recognition = std::move(sample->recognition);
    m_state.messages = sample->messages;
    m_model.clear();
    m_model.add(std::move(sample->messages));
    m_said->setText(m_model.rowCount() > 0
                        ? tr("The newest %n message(s). Choose a place in the raw message and say what it is.", nullptr, m_model.rowCount())
                        : tr("No message came. Read again when one was sent; or go on, and say later what is in them."));
    m_table->resizeColumnsToContents();
    m_table->setColumnHidden(MessageModel::PlaceColumn, !m_state.hasTopics());
    for (int column = 0; column < MessageModel::TextColumn; ++column)
        m_table->setColumnWidth(column, std::min(m_table->columnWidth(column) + 12, 180));
    begin();
    if (m_model.rowCount() > 0)
        m_table->setCurrentIndex(m_model.index(m_model.rowCount() - 1, 0));
    m_again.start();
    refresh();
}

void SamplePage::begin()
{
    m_state.edit([this](Node &item) {
        for (const auto &[key, value] : m_recognition.settings) {
            auto &there = childOf(item, key);
            const auto proposed = flowNode(value);
            if (key == "path" && there.kind == Node::Kind::List) {
                for (const auto &label : proposed.list)
                    if (std::none_of(there.list.begin(), there.list.end(), [&](const Node &one) { return one.scalar == label.scalar; }))
                        there.list.push_back(label);
            } else if (there.isMissing()) {
                there = proposed;
            }
        }
        if (!item.has("time"))
            childOf(item, "time") = mapNode({{"basis", Node::ofScalar("arrival")}});
        if (!item.has("path"))
            childOf(item, "path") = listNode({});
        if (!item.has("decode"))
            childOf(item, "decode") = flowNode(m_state.hasTopics() ? "{ json: { learn: true } }" : "{ row: { learn: true } }");
    });
}

void SamplePage::showFindings()
{
    if (m_findingList != nullptr) {
        m_findingList->hide();
        m_findingList->deleteLater();
    }
    m_findingList = new QWidget(this);
    auto *layout = new QVBoxLayout(m_findingList);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    int number = 0;
    for (const auto &finding : m_recognition.findings) {
        auto *row = new QHBoxLayout;
        auto *text = plainText("finding", m_findingList,
                               (finding.isProblem ? QStringLiteral("⚠ ") : QStringLiteral("• ")) + errorText(finding.says));
        auto font = text->font();
        font.setBold(finding.isProblem);
        text->setFont(font);
        row->addWidget(text, 1);
        const auto isTaken = std::all_of(finding.settings.begin(), finding.settings.end(), [this](const auto &setting) {
            return m_state.item()[setting.first].saysTheSame(flowNode(setting.second));
        });
        if (!finding.settings.empty() && !isTaken) {
            auto *take = new QPushButton(tr("Take it"), m_findingList);
            take->setObjectName(QStringLiteral("takeFinding-%1").arg(number));
            take->setAutoDefault(false);
            QStringList keys;
            for (const auto &[key, value] : finding.settings)
                keys << textOf(key + ": " + shown(value, 100));
            take->setAccessibleDescription(keys.join(u'\n'));
            row->addWidget(take);
            connect(take, &QPushButton::clicked, this, [this, settings = finding.settings] {
                m_state.edit([&](Node &item) {
                    for (const auto &[key, value] : settings)
                        childOf(item, key) = flowNode(value);
                });
            });
        }
        layout->addLayout(row);
        ++number;
    }
    m_findings->addWidget(m_findingList);
    QWidget *before = m_read;
    for (auto *button : m_findingList->findChildren<QPushButton *>())
        QWidget::setTabOrder(std::exchange(before, button), button);
}

void SamplePage::showMessage()
{
    const auto row = m_table->currentIndex().row();
    const auto before = currentPlace();
    m_tree->clear();
    if (row < 0 || row >= m_model.rowCount()) {
        m_decoded->say({});
        showPlace();
        return;
    }
    const auto &message = m_model.message(row);
    std::vector<Error> faults;
    const auto choice = TopicChoice::read(m_state.settings(), m_state.separator(), faults);
    addNodes(*m_tree->invisibleRootItem(), tree(message, m_recognition.unwrap, m_state.hasTopics() ? &choice : nullptr), 0);
    m_tree->expandAll();
    for (int column = 0; column < 2; ++column)
        m_tree->resizeColumnToContents(column);
    m_tree->setColumnWidth(0, std::min(m_tree->columnWidth(0), 220));
    m_tree->setColumnWidth(1, std::min(m_tree->columnWidth(1), 180));
    eachItem(m_tree->invisibleRootItem(), [&](QTreeWidgetItem *item) {
        if (!before.empty() && utf8Of(item->data(0, WhereRole).toString()) == before)
            m_tree->setCurrentItem(item);
    });
    showUses();

    const auto spec = m_state.spec();
    auto preview = spec ? Preview::make(*spec) : Result<std::unique_ptr<Preview>>(spec.error());
    if (!preview) {
        m_decoded->say(errorText(preview.error()));
    } else {
        // All of them, so that the labels are counted over what is known.
        for (int i = 0; i < m_model.rowCount(); ++i) {
            const auto read = (*preview)->add(m_model.message(i));
            if (i == row)
                m_decoded->show(read);
        }
        QStringList lines;
        for (const auto &label : (*preview)->labels()) {
            lines << (label.warning
                          ? QStringLiteral("⚠ ") + errorText(*label.warning)
                          : tr("%1: %2 different", "label and number of values").arg(textOf(label.name)).arg(label.values.size()));
        }
        if (m_model.rowCount() > 0)
            m_said->setText(lines.isEmpty()
                                ? tr("In these %1 messages no label tells things apart yet.").arg(m_model.rowCount())
                                : tr("In these %1 messages: %2").arg(m_model.rowCount()).arg(lines.join(QStringLiteral(" · "))));
    }
    showPlace();
}

void SamplePage::showUses()
{
    const auto learns = isLearning(m_state.item());
    eachItem(m_tree->invisibleRootItem(), [&](QTreeWidgetItem *item) {
        const auto where = utf8Of(item->data(0, WhereRole).toString());
        if (where.empty())
            return;
        const auto use = useOf(m_state.item(), where);
        const auto *guess = guessOf(where);
        const auto isLearned = use.role == PlaceRole::None && learns && where.front() == '/' && guess != nullptr && item->childCount() == 0
            && guess->kind != PlaceGuess::Kind::Stamp;
        item->setText(2, isLearned ? tr("field, by itself") : useText(use));
    });
    m_learn->setChecked(learns);
}

const PlaceGuess *SamplePage::guessOf(const std::string &where) const
{
    const auto found
        = std::find_if(m_recognition.places.begin(), m_recognition.places.end(), [&](const PlaceGuess &one) { return one.where == where; });
    return found == m_recognition.places.end() ? nullptr : &*found;
}

std::string SamplePage::currentPlace() const
{
    const auto *item = m_tree->currentItem();
    return item == nullptr ? std::string() : utf8Of(item->data(0, WhereRole).toString());
}

void SamplePage::showPlace()
{
    const auto where = currentPlace();
    const auto *item = m_tree->currentItem();
    const auto isLeaf = item != nullptr && !where.empty() && item->childCount() == 0;
    const auto now = isLeaf ? useOf(m_state.item(), where) : PlaceUse();
    for (const auto &[role, button] : m_uses) {
        button->setEnabled(isLeaf);
        button->setChecked(isLeaf && role == now.role);
    }
    m_name->setEnabled(isLeaf);
    const auto *guess = guessOf(where);
    if (!isLeaf) {
        m_place->setText(tr("Choose a value in the raw message."));
        m_name->clear();
        return;
    }
    auto text = textOf(shown(where, 80));
    if (guess != nullptr && guess->distinct > 0)
        text += QStringLiteral("   ") + tr("%1 different in %2 messages").arg(guess->distinct).arg(guess->messages);
    m_place->setText(text);
    m_name->setText(!now.name.empty() ? textOf(now.name) : guess != nullptr ? textOf(guess->name) : item->data(0, NameRole).toString());
}

void SamplePage::use(PlaceRole role)
{
    const auto where = currentPlace();
    if (where.empty() || m_tree->currentItem()->childCount() > 0)
        return;
    const auto *guess = guessOf(where);
    auto name = utf8Of(m_name->text().trimmed());
    if (role == PlaceRole::Label || role == PlaceRole::Note)
        name = labelName(name);
    if (name.empty())
        name = "value";
    Node stamp = mapNode();
    if (guess != nullptr && !guess->unit.empty())
        childOf(stamp, "unit") = Node::ofScalar(guess->unit);
    if (guess != nullptr && !guess->zone.empty())
        childOf(stamp, "zone") = Node::ofScalar(guess->zone);
    m_state.edit([&](Node &item) { setUse(item, where, {role, name}, guess != nullptr ? guess->rule : std::string(), stamp); });
    showUses();
    showPlace();
}

void SamplePage::refresh()
{
    m_read->setText(m_run.isRunning() ? tr("&Stop") : tr("&Read again"));
    Q_EMIT missingChanged();
}

QString SamplePage::missing() const
{
    if (m_state.item().has("decode"))
        return {};
    return m_run.isRunning() ? tr("Reading …") : tr("Read a message first.");
}

// One key for each use, on the tree; Enter in the name takes it.
bool SamplePage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_tree || event->type() != QEvent::KeyPress)
        return ConnectPage::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    if (key->modifiers() != Qt::NoModifier)
        return false;
    switch (key->key()) {
    case Qt::Key_F:
        use(PlaceRole::Field);
        return true;
    case Qt::Key_L:
        use(PlaceRole::Label);
        return true;
    case Qt::Key_N:
        use(PlaceRole::Note);
        return true;
    case Qt::Key_T:
        use(PlaceRole::Stamp);
        return true;
    case Qt::Key_Delete:
        use(PlaceRole::None);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_name->setFocus();
        m_name->selectAll();
        return true;
    default:
        return false;
    }
}

}
