#include "widgets/connect/topicspage.h"

#include "core/fields.h"
#include "core/text.h"
#include "decode/topicpattern.h"
#include "items/texts.h"
#include "widgets/connect/patterneditor.h"
#include "widgets/tune/resulttable.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::pair<const char *, const char *> Starts[] = {
    {"latest", SG_TR("now: only what comes")}, {"-1h", SG_TR("one hour back")},          {"-24h", SG_TR("one day back")},
    {"-7d", SG_TR("seven days back")},         {"earliest", SG_TR("all that is there")},
};

constexpr std::size_t MostRemarks = 4; // shown

// An id out of a name from outside: "Plant 3" -> "plant-3".
std::string idFrom(const std::string &name)
{
    auto text = textOf(name).toLower();
    text.replace(QRegularExpression(QStringLiteral("[^a-z0-9]+")), QStringLiteral("-"));
    text.remove(QRegularExpression(QStringLiteral("^[^a-z]+|-+$")));
    return text.isEmpty() ? std::string("source") : utf8Of(text.left(30));
}

std::string firstPlainPart(const std::string &pattern, char separator)
{
    for (const auto &part : partsOf(pattern, separator))
        if (!part.isLabel && !part.isFixed && part.text != "+")
            return part.text;
    return {};
}

}

TopicsPage::TopicsPage(ConnectState &state, QWidget *parent)
    : ConnectPage(state, parent)
{
    m_filter.setSourceModel(&m_model);
    m_filter.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filter.setSortRole(TopicModel::SortRole);
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("topicSearch"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_seconds = new QComboBox(this);
    m_seconds->setObjectName(QStringLiteral("topicSeconds"));
    m_seconds->setAccessibleName(tr("How long to listen"));
    for (const int seconds : {2, 10, 30, 60})
        m_seconds->addItem(tr("%1 s").arg(seconds), seconds);
    m_listen = new QPushButton(this);
    m_listen->setObjectName(QStringLiteral("topicListen"));
    m_listen->setAutoDefault(false);
    m_progress = new QProgressBar(this);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(4);
    auto kept = m_progress->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // nothing jumps when it begins and ends
    m_progress->setSizePolicy(kept);
    m_said = plainText("topicSaid", this);
    m_said->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_remarks = plainText("topicRemarks", this);
    m_remarks->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_remarks->hide();
    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("topicTable"));
    m_table->setAccessibleName(tr("What the server shows"));
    setUpTable(*m_table);
    m_table->setModel(&m_filter);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(TopicModel::NameColumn, Qt::AscendingOrder);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->installEventFilter(this);
    m_search->installEventFilter(this);
    m_start = new QComboBox(this);
    m_start->setObjectName(QStringLiteral("topicStart"));
    m_start->setAccessibleName(tr("Begin"));
    for (const auto &[value, text] : Starts)
        m_start->addItem(translated(text), textOf(value));

    m_patterns = new PatternEditor(this);
    m_proposals = new QWidget(this);
    m_proposals->setObjectName(QStringLiteral("viewProposals"));

    auto *top = new QHBoxLayout;
    top->addWidget(m_search, 1);
    top->addWidget(m_seconds);
    top->addWidget(m_listen);
    auto *upper = new QWidget(this);
    auto *upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins(0, 0, 0, 0);
    upperLayout->addLayout(top);
    upperLayout->addWidget(m_progress);
    upperLayout->addWidget(m_said);
    upperLayout->addWidget(m_remarks);
    upperLayout->addWidget(m_table, 1);
    auto *lower = new QWidget(this);
    auto *lowerLayout = new QVBoxLayout(lower);
    lowerLayout->setContentsMargins(0, 6, 0, 0);
    lowerLayout->addWidget(m_patterns, 1);
    lowerLayout->addWidget(m_proposals, 1);
    auto *startRow = new QHBoxLayout;
    auto *startLabel = new QLabel(tr("&Begin with"), this);
    startLabel->setObjectName(QStringLiteral("topicStartLabel"));
    startLabel->setBuddy(m_start);
    startRow->addWidget(startLabel);
    startRow->addWidget(m_start);
    startRow->addStretch(1);
    lowerLayout->addLayout(startRow);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(upper);
    split->addWidget(lower);
    split->setChildrenCollapsible(false);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);

    m_model.setChosenBy([this](const std::string &name) { return isChosen(name); });
    connect(&m_model, &TopicModel::toggled, this, &TopicsPage::toggle);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filter.setFilterFixedString(text);
        refresh();
    });
    connect(m_listen, &QPushButton::clicked, this, [this] { m_run.isRunning() ? m_run.stop() : listen(); });
    connect(&m_run, &LongWork::runningChanged, this, &TopicsPage::refresh);
    connect(&m_run, &BrowseRun::said, this, [this](const Error &step) { m_said->setText(errorText(step)); });
    connect(m_patterns, &PatternEditor::changed, this, &TopicsPage::takePatterns);
    connect(&m_tick, &QTimer::timeout, this, &TopicsPage::tick);
    connect(m_start, &QComboBox::activated, this, [this] {
        const auto start = utf8Of(m_start->currentData().toString());
        m_state.editSettings([&](Node &settings) {
            if (start == "latest")
                eraseKey(settings, "start");
            else
                childOf(settings, "start") = Node::ofScalar(start);
        });
    });
}

void TopicsPage::enter()
{
    const auto isView = !m_state.hasTopics();
    m_patterns->setVisible(!isView);
    m_proposals->setVisible(isView);
    m_seconds->setVisible(!isView);
    const auto canStart = m_state.kindName() != "mqtt";
    m_start->setVisible(canStart);
    findChild<QWidget *>(QStringLiteral("topicStartLabel"))->setVisible(canStart);
    const auto start = textOf(m_state.settings().text("start", "latest"));
    if (m_start->findData(start) < 0)
        m_start->addItem(start, start); // as the file has it
    m_start->setCurrentIndex(m_start->findData(start));
    m_patterns->setSeparator(m_state.separator());
    m_patterns->setPatterns(readTexts(m_state.settings()["topics"]));
    const auto from = flowYaml(m_state.settings()["use"]) + flowYaml(m_state.settings()["brokers"]) + flowYaml(m_state.settings()["broker"])
        + flowYaml(m_state.settings()["host"]) + flowYaml(m_state.settings()["port"]) + flowYaml(m_state.settings()["dbname"])
        + flowYaml(m_state.settings()["user"]) + flowYaml(m_state.settings()["properties"]);
    if (from != m_state.listedFrom) {
        m_state.listedFrom = from;
        m_seconds->setCurrentIndex(m_state.kindName() == "mqtt" ? 1 : 0); // a broker lists nothing: what comes is what there is
        m_model.show({}, {});
        listen();
    }
    showProposals();
    refresh();
    m_search->setFocus();
}

void TopicsPage::leave()
{
    m_run.stop();
}

void TopicsPage::listen()
{
    const auto spec = m_state.specToLook();
    if (!spec || m_state.kind() == nullptr || m_state.kind()->browse == nullptr)
        return;
    m_patience = m_state.hasTopics() ? Micros(std::chrono::seconds(m_seconds->currentData().toInt())) : Micros(0);
    m_began = Mono::clock::now();
    m_tick.start(100);
    m_said->setText(tr("Connecting …"));
    m_remarks->hide();
    m_run.look(
        *m_state.kind(), *spec,
        [patience = m_patience](Browser &browser, const std::stop_token &stop) -> Result<Listing> {
            auto topics = browser.list(patience, stop);
            if (!topics)
                return topics.error();
            return Listing{std::move(*topics), browser.remarks()};
        },
        [this](const Result<Listing> &listed) { show(listed); });
    refresh();
}

void TopicsPage::tick()
{
    const auto passed = std::chrono::duration_cast<Millis>(Mono::clock::now() - m_began).count();
    const auto all = std::chrono::duration_cast<Millis>(m_patience).count();
    if (!m_run.isRunning()) {
        m_tick.stop();
        m_progress->setValue(0);
        return;
    }
    m_progress->setRange(0, all > 0 ? 1000 : 0); // 0: it takes as long as it takes
    if (all > 0)
        m_progress->setValue(static_cast<int>(std::min<long long>(1000, passed * 1000 / all)));
    if (all > 0 && passed < all)
        m_said->setText(tr("Listening: %1 s of %2 s …").arg(passed / 1000).arg(all / 1000));
}

void TopicsPage::show(const Result<Listing> &listed)
{
    m_tick.stop();
    m_progress->setRange(0, 1000);
    m_progress->setValue(0);
    if (!listed) {
        m_said->setText(tr("Nothing can be listed. %1").arg(errorText(listed.error())));
        refresh();
        return;
    }
    QStringList remarks;
    for (std::size_t i = 0; i < std::min(listed->remarks.size(), MostRemarks); ++i)
        remarks << QStringLiteral("⚠ ") + errorText(listed->remarks[i]);
    if (listed->remarks.size() > MostRemarks)
        remarks << tr("and %1 more").arg(listed->remarks.size() - MostRemarks);
    m_remarks->setText(remarks.join(u'\n'));
    m_remarks->setVisible(!remarks.isEmpty());
    m_model.show(listed->topics, std::chrono::floor<Micros>(std::chrono::system_clock::now()));
    std::vector<std::string> names;
    for (const auto &topic : m_model.topics())
        names.push_back(topic.name);
    m_patterns->setKnown(std::move(names));
    for (int column = 0; column < TopicModel::ColumnCount; ++column)
        m_table->setColumnHidden(column, !m_model.tells(static_cast<TopicModel::Column>(column)));
    m_table->resizeColumnsToContents();
    const auto hasColumns = m_model.tells(TopicModel::ColumnsColumn);
    m_table->setColumnWidth(TopicModel::NameColumn, std::clamp(m_table->columnWidth(TopicModel::NameColumn) + 20, 200, 420));
    m_table->horizontalHeader()->setSectionResizeMode(TopicModel::NameColumn, hasColumns ? QHeaderView::Interactive : QHeaderView::Stretch);
    m_table->horizontalHeader()->setStretchLastSection(hasColumns);
    if (listed->topics.empty())
        m_said->setText(m_state.kindName() == "mqtt" ? tr("Nothing came in this time. Listen longer, or type a topic below.")
                            : m_state.hasTopics()
                            ? tr("The brokers show no topic that may be read. Type one below, or ask for the right to describe it.")
                            : tr("There is no view and no table that this user may read."));
    if (m_filter.rowCount() > 0)
        m_table->setCurrentIndex(m_filter.index(0, TopicModel::NameColumn));
    showProposals();
    refresh();
}

QString TopicsPage::viewName() const
{
    const auto &settings = m_state.settings();
    return settings.has("view") ? textOf(settings.text("schema", "public") + "." + settings.text("view")) : QString();
}

bool TopicsPage::isChosen(const std::string &name) const
{
    if (!m_state.hasTopics())
        return textOf(name) == viewName() || QStringLiteral("public.") + textOf(name) == viewName();
    std::vector<Error> faults;
    return TopicChoice::read(m_state.settings(), m_state.separator(), faults).match(name).has_value();
}

void TopicsPage::toggle(const std::string &name, bool isChosen)
{
    if (!m_state.hasTopics()) {
        for (const auto &topic : m_model.topics())
            if (isChosen && topic.name == name)
                chooseView(topic);
        return;
    }
    auto patterns = m_patterns->patterns();
    auto except = readTexts(m_state.settings()["except"]);
    if (isChosen) {
        std::erase(except, name);
        std::vector<Error> faults;
        auto settings = m_state.settings();
        childOf(settings, "except") = listNode(except);
        if (!TopicChoice::read(settings, m_state.separator(), faults).match(name))
            patterns.push_back(name);
    } else if (std::erase(patterns, name) == 0) {
        except.push_back(name); // a pattern brings it
    }
    m_patterns->setPatterns(patterns);
    takeTopics(patterns, std::move(except));
}

void TopicsPage::takePatterns()
{
    takeTopics(m_patterns->patterns(), readTexts(m_state.settings()["except"]));
}

void TopicsPage::takeTopics(const std::vector<std::string> &patterns, std::vector<std::string> except)
{
    const auto separator = m_state.separator();
    const auto before = labelsOf(readTexts(m_state.settings()["topics"]), separator);
    const auto after = labelsOf(patterns, separator);
    if (patterns.empty())
        except.clear();
    m_state.edit([&](Node &item) {
        auto &settings = childOf(item, m_state.kindName());
        childOf(settings, "topics") = listNode(patterns);
        if (patterns.empty())
            eraseKey(settings, "topics");
        childOf(settings, "except") = listNode(except);
        if (except.empty())
            eraseKey(settings, "except");
        // The labels of the names come first in the path; those that went take their place with them.
        auto path = after;
        for (const auto &label : readTexts(item["path"])) {
            const auto isGone = std::find(before.begin(), before.end(), label) != before.end() && !item["labels"].has(label);
            if (!isGone && std::find(path.begin(), path.end(), label) == path.end())
                path.push_back(label);
        }
        childOf(item, "path") = listNode(path);
        if (!item.has("id") && !patterns.empty())
            childOf(item, "id") = Node::ofScalar(m_state.freeId(idFrom(firstPlainPart(patterns.front(), separator))));
    });
    m_state.messages.clear();
    m_model.refreshChosen();
    refresh();
}

void TopicsPage::chooseView(const BrowsedTopic &view)
{
    m_state.edit([&](Node &item) {
        auto &settings = childOf(item, m_state.kindName());
        for (const auto *key : {"schema", "view", "mode", "cursor", "overlap", "row_key"})
            eraseKey(settings, key);
        const auto dot = view.name.find('.');
        const auto schema = view.name.substr(0, dot);
        if (dot != std::string::npos && schema != "public")
            childOf(settings, "schema") = Node::ofScalar(schema);
        childOf(settings, "view") = Node::ofScalar(dot == std::string::npos ? view.name : view.name.substr(dot + 1));
        for (const auto *key : {"path", "labels", "notes", "time", "decode"})
            eraseKey(item, key);
        if (!item.has("id"))
            childOf(item, "id") = Node::ofScalar(m_state.freeId(idFrom(settings.text("view"))));
    });
    for (const auto &proposal : view.proposals)
        apply(proposal, true);
    if (!m_state.item().has("path"))
        m_state.edit([](Node &item) { childOf(item, "path") = listNode({}); });
    m_state.messages.clear();
    m_model.refreshChosen();
    showProposals();
    refresh();
}

void TopicsPage::apply(const BrowsedTopic::Proposal &proposal, bool isTaken)
{
    const auto fields = m_state.kind()->fields;
    const auto isOwn = std::any_of(fields.begin(), fields.end(), [&](const Field &field) { return proposal.key == field.key; });
    m_state.edit([&](Node &item) {
        auto &map = isOwn ? childOf(item, m_state.kindName()) : item;
        if (isTaken)
            childOf(map, proposal.key) = flowNode(proposal.value);
        else
            eraseKey(map, proposal.key);
    });
}

void TopicsPage::showProposals()
{
    if (m_state.hasTopics())
        return;
    auto *old = m_proposals->findChild<QWidget *>(QStringLiteral("proposalList"));
    if (old != nullptr) {
        old->hide();
        old->setObjectName({});
        old->deleteLater();
    }
    if (m_proposals->layout() == nullptr)
        (new QVBoxLayout(m_proposals))->setContentsMargins(0, 0, 0, 0);
    auto *list = new QWidget(m_proposals);
    list->setObjectName(QStringLiteral("proposalList"));
    auto *layout = new QVBoxLayout(list);
    layout->setContentsMargins(0, 0, 0, 0);
    const auto &topics = m_model.topics();
    const auto chosen = std::find_if(topics.begin(), topics.end(), [this](const auto &one) { return isChosen(one.name); });
    if (chosen == topics.end()) {
        layout->addWidget(
            plainText("proposalNone", list, tr("Choose a view or a table; how to read it is then proposed, with the reasons.")));
    } else {
        const auto fields = m_state.kind()->fields;
        for (const auto &proposal : chosen->proposals) {
            const auto isOwn = std::any_of(fields.begin(), fields.end(), [&](const Field &field) { return proposal.key == field.key; });
            const auto &there = isOwn ? m_state.settings()[proposal.key] : m_state.item()[proposal.key];
            auto *row = new QHBoxLayout;
            auto *box = new QCheckBox(textOf(proposal.key + ": " + shown(proposal.value)).replace(u'&', QStringLiteral("&&")), list);
            box->setObjectName(QStringLiteral("proposal-") + textOf(proposal.key));
            box->setChecked(!there.isMissing() && there.saysTheSame(flowNode(proposal.value)));
            row->addWidget(box);
            row->addWidget(plainText("proposalWhy", list, errorText(proposal.why)), 1);
            layout->addLayout(row);
            connect(box, &QCheckBox::toggled, this, [this, proposal](bool isTaken) {
                apply(proposal, isTaken);
                Q_EMIT missingChanged();
            });
        }
    }
    layout->addStretch(1);
    m_proposals->layout()->addWidget(list);
    QWidget *before = m_table;
    for (auto *box : list->findChildren<QCheckBox *>())
        QWidget::setTabOrder(std::exchange(before, box), box);
}

void TopicsPage::refresh()
{
    const auto isRunning = m_run.isRunning();
    m_progress->setVisible(isRunning);
    m_listen->setText(isRunning ? tr("&Stop") : m_state.hasTopics() ? tr("&Listen again") : tr("&List again"));
    m_seconds->setEnabled(!isRunning);
    if (!isRunning && !m_model.topics().empty()) {
        const auto &topics = m_model.topics();
        const auto chosen = std::count_if(topics.begin(), topics.end(), [this](const auto &one) { return isChosen(one.name); });
        m_said->setText(m_filter.rowCount() == m_model.rowCount()
                            ? tr("%1 found, %2 chosen.").arg(m_model.rowCount()).arg(chosen)
                            : tr("%1 of %2 match, %3 chosen.").arg(m_filter.rowCount()).arg(m_model.rowCount()).arg(chosen));
    }
    Q_EMIT missingChanged();
}

QString TopicsPage::missing() const
{
    if (m_state.hasTopics())
        return readTexts(m_state.settings()["topics"]).empty() ? tr("Choose a topic: check its box, or type it below.") : QString();
    return m_state.settings().has("view") ? QString() : tr("Choose a view or a table.");
}

// Space or Enter checks the row; from the search, Down goes to the list.
bool TopicsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return ConnectPage::eventFilter(watched, event);
    const auto key = static_cast<QKeyEvent *>(event)->key();
    if (watched == m_search && (key == Qt::Key_Down || key == Qt::Key_Return)) {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid())
            m_table->setCurrentIndex(m_filter.index(0, TopicModel::NameColumn));
        return true;
    }
    if (watched == m_table && (key == Qt::Key_Space || key == Qt::Key_Return || key == Qt::Key_Enter)) {
        const auto row = m_table->currentIndex().siblingAtColumn(TopicModel::NameColumn);
        if (row.isValid())
            m_filter.setData(row, row.data(Qt::CheckStateRole).toInt() == Qt::Checked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
        return true;
    }
    return ConnectPage::eventFilter(watched, event);
}

}
