#include "widgets/connect/samplepage.h"

#include "core/text.h"
#include "decode/messagetree.h"
#include "items/texts.h"
#include "widgets/connect/decodedview.h"
#include "widgets/connect/findinglist.h"
#include "widgets/connect/livefeed.h"
#include "widgets/connect/placebar.h"
#include "widgets/connect/rawtree.h"
#include "widgets/tune/resulttable.h"

#include <QCheckBox>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t Newest = 20;
constexpr auto Patience = std::chrono::seconds(3); // where messages come slowly, a few are shown soon

constexpr auto StandIn = "thing"; // the label of messages that name none

bool isOfKind(const std::string &key) // it stands in the kind's own map
{
    return key == "key";
}

QString useText(const PlaceUse &use)
{
    switch (use.role) {
    case PlaceRole::None:
        return {};
    case PlaceRole::Field:
        return (isOfItem(use.name) || use.name.starts_with('/') ? SamplePage::tr("field, named by %1") : SamplePage::tr("field %1"))
            .arg(textOf(use.name));
    case PlaceRole::Label:
        return SamplePage::tr("label %1").arg(textOf(use.name));
    case PlaceRole::Note:
        return SamplePage::tr("note %1").arg(textOf(use.name));
    case PlaceRole::Stamp:
        return SamplePage::tr("time");
    }
    return {};
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
    m_tree = new RawTree(this);
    m_tree->setObjectName(QStringLiteral("sampleTree"));
    m_tree->installEventFilter(this);
    m_decoded = new DecodedView(this);
    m_bar = new PlaceBar(this);
    m_learn = new QCheckBox(tr("&All other numbers and short texts become fields by themselves"), this);
    m_learn->setObjectName(QStringLiteral("sampleLearn"));

    auto *top = new QHBoxLayout;
    top->addWidget(m_said, 1);
    top->addWidget(m_read);
    m_findings = new FindingList(this);
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
    layout->addWidget(m_findings);
    layout->addWidget(split, 1);
    layout->addWidget(m_bar);
    layout->addWidget(m_learn);

    m_again.setSingleShot(true);
    m_again.setInterval(50);
    connect(&m_again, &QTimer::timeout, this, [this] {
        m_findings->show(
            m_recognition.findings,
            [this](const std::string &key) -> const Node & { return (isOfKind(key) ? m_state.settings() : m_state.item())[key]; }, m_read);
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
    connect(m_findings, &FindingList::taken, this, [this](const ItemSettings &settings) {
        m_state.edit([&](Node &item) {
            for (const auto &[key, value] : settings)
                childOf(isOfKind(key) ? childOf(item, m_state.kindName()) : item, key) = flowNode(value);
        });
    });
    connect(m_tree, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        if (auto *item = m_tree->itemAt(at))
            m_tree->setCurrentItem(item);
        m_bar->popup(m_tree->viewport()->mapToGlobal(at));
    });
    connect(m_bar, &PlaceBar::used, this, &SamplePage::use);
    connect(m_bar, &PlaceBar::kindsAsked, this, &SamplePage::changeKinds);
    connect(m_bar, &PlaceBar::eachAsked, this, &SamplePage::changeEach);
    connect(m_bar, &PlaceBar::splitAsked, this, &SamplePage::changeSplit);
    connect(m_learn, &QCheckBox::toggled, this, [this](bool isOn) {
        if (isLearning(m_state.item(), m_kind) != isOn)
            m_state.edit([this, isOn](Node &item) { setLearning(item, isOn, m_kind); });
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
    const auto spec = m_state.specToLook();
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
            const auto began = Mono::clock::now();
            const auto done = browser.read(
                request,
                [&](BrowsedMessage message) {
                    if (isMeant(spec, message.topic))
                        sample.messages.push_back(std::move(message));
                    const auto isLate = Mono::clock::now() - began > Patience && !sample.messages.empty();
                    return sample.messages.size() < Newest && !isLate;
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
    for (const auto column : {MessageModel::PlaceColumn, MessageModel::KeyColumn, MessageModel::SizeColumn})
        m_table->setColumnHidden(column, !m_state.hasTopics() || (column != MessageModel::SizeColumn && m_state.kindName() == "mqtt"));
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
        // What the view proposed, or the topic's name, says already which thing it is: no stand-in for one is needed.
        const auto isThing = !item["path"].list.empty();
        for (const auto &[key, value] : m_recognition.settings) {
            auto proposed = flowNode(value);
            if (isThing && key == "path")
                std::erase_if(proposed.list, [](const Node &label) { return label.scalar == StandIn; });
            if (isThing && key == "labels")
                eraseKey(proposed, StandIn);
            if ((key == "path" && proposed.list.empty()) || (key == "labels" && proposed.map.empty()))
                continue;
            auto &there = childOf(isOfKind(key) ? childOf(item, m_state.kindName()) : item, key);
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

void SamplePage::showMessage()
{
    const auto row = m_table->currentIndex().row();
    if (row < 0 || row >= m_model.rowCount()) {
        m_tree->clear();
        m_decoded->say({});
        showPlace();
        return;
    }
    const auto nodes = reader().nodes(m_model.message(row));
    m_kind = reader().kind(m_state.item(), nodes);
    m_tree->show(nodes, bodyOf(m_state.item(), m_kind));
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

SampleReader SamplePage::reader() const
{
    return SampleReader(m_state.hasTopics() ? &m_state.settings() : nullptr, m_state.separator(), m_recognition.unwrap);
}

void SamplePage::showUses()
{
    const auto &item = m_state.item();
    const auto &body = bodyOf(item, m_kind);
    const auto learns = isLearning(item, m_kind);
    m_tree->sayUses([&](const RawTree::Place &place) {
        const auto use = useOf(item, place.where, m_kind);
        const auto *guess = guessOf(place.where);
        const auto isOfMessage = place.where.front() == '/' && !body.has("each");
        const auto isLearned = use.role == PlaceRole::None && learns && (isOfMessage || place.where.starts_with("item:"))
            && guess != nullptr && place.isValue() && guess->kind != PlaceGuess::Kind::Stamp;
        QStringList uses{isLearned ? tr("field, by itself") : useText(use)};
        if (tellsKinds(item, place.where))
            uses << tr("tells the kinds apart");
        if (body.has("each") && body.text("each") == place.where)
            uses << tr("read item by item");
        if (body["split"].text("at") == place.where)
            uses << tr("split");
        uses.removeAll(QString());
        return uses.join(QStringLiteral(", "));
    });
    m_learn->setChecked(learns);
    m_learn->setEnabled(!body.has("reading"));
}

const PlaceGuess *SamplePage::guessOf(const std::string &where) const
{
    const auto found
        = std::find_if(m_recognition.places.begin(), m_recognition.places.end(), [&](const PlaceGuess &one) { return one.where == where; });
    return found == m_recognition.places.end() ? nullptr : &*found;
}

void SamplePage::showPlace()
{
    const auto &item = m_state.item();
    const auto &body = bodyOf(item, m_kind);
    const auto place = m_tree->place();
    const auto now = place.isValue() ? useOf(item, place.where, m_kind) : PlaceUse();
    const auto hasKinds = !place.where.empty() && canHaveKinds(item);
    PlaceBar::Offer offer;
    offer.isValue = place.isValue();
    offer.role = now.role;
    offer.tellsKinds = hasKinds && tellsKinds(item, place.where);
    offer.isEach = hasKinds && body.has("each") && body.text("each") == place.where;
    offer.isSplit = hasKinds && body["split"].text("at") == place.where;
    offer.canTellKinds = hasKinds && place.isValue() && !isOfItem(place.where);
    offer.canBeEach = hasKinds && place.kind == TreeNode::Kind::Array && place.where.starts_with('/');
    offer.canBeSplit
        = hasKinds && place.kind == TreeNode::Kind::Text && !place.where.starts_with("split:") && !splitFor(place.value).empty();
    const auto *guess = guessOf(place.where);
    offer.says = offer.isValue || offer.canBeEach ? textOf(shown(place.where, 80)) : tr("Choose a value in the raw message.");
    if (offer.canBeEach && !offer.isEach)
        offer.says += QStringLiteral("   ") + tr("a list: More reads its items one by one");
    if (guess != nullptr && guess->distinct > 0)
        offer.says += QStringLiteral("   ") + tr("%1 different in %2 messages").arg(guess->distinct).arg(guess->messages);
    if (offer.isValue)
        offer.name = !now.name.empty() ? textOf(now.name)
            : offer.isSplit            ? textOf(body["split"].text("as"))
            : guess != nullptr         ? textOf(guess->name)
                                       : textOf(place.name);
    m_bar->show(offer);
}

void SamplePage::use(PlaceRole role, const QString &text)
{
    const auto place = m_tree->place();
    const auto *guess = guessOf(place.where);
    auto name = utf8Of(text);
    if (role == PlaceRole::Label || role == PlaceRole::Note)
        name = labelName(name);
    if (name.empty())
        name = "value";
    Node stamp = mapNode();
    if (guess != nullptr && !guess->unit.empty())
        childOf(stamp, "unit") = Node::ofScalar(guess->unit);
    if (guess != nullptr && !guess->zone.empty())
        childOf(stamp, "zone") = Node::ofScalar(guess->zone);
    const auto hasKinds = !place.where.empty() && canHaveKinds(m_state.item());
    m_state.edit([&](Node &item) {
        setUse(item, place.where, {role, name}, guess != nullptr ? guess->rule : std::string(), stamp, m_kind);
        if (role != PlaceRole::None || !hasKinds)
            return;
        const auto &body = bodyOf(std::as_const(item), m_kind);
        if (body["split"].text("at") == place.where)
            dropSplit(item, m_kind);
        if (body.has("each") && body.text("each") == place.where)
            dropEach(item, m_kind);
        if (tellsKinds(item, place.where))
            dropKinds(item);
    });
    showUses();
    showPlace();
}

void SamplePage::changeKinds()
{
    const auto where = m_tree->place().where;
    auto item = m_state.item();
    const auto tells = tellsKinds(item, where);
    if (formatOf(std::as_const(item)).has("cases"))
        dropKinds(item);
    if (!tells) {
        const auto kinds = reader().kindsBy(where, formatOf(std::as_const(item)), m_state.messages);
        if (kinds.size() > MostKinds) {
            showPlace();
            m_bar->say(tr("%1 different texts in these messages: at most %2 can tell kinds apart.").arg(kinds.size()).arg(MostKinds));
            return;
        }
        setKinds(item, where, kinds);
    }
    m_state.edit([&](Node &there) { there = item; });
}

void SamplePage::changeEach()
{
    const auto where = m_tree->place().where;
    const auto &body = bodyOf(m_state.item(), m_kind);
    if (body.has("each") && body.text("each") == where) {
        m_state.edit([this](Node &item) { dropEach(item, m_kind); });
        return;
    }
    std::vector<BrowsedMessage> messages; // of this kind
    for (const auto &message : m_state.messages)
        if (reader().kind(m_state.item(), reader().nodes(message)) == m_kind)
            messages.push_back(message);
    const auto reads = reader().itemsOf(where, messages);
    m_state.edit([&](Node &item) { setEach(item, m_kind, where, reads); });
}

void SamplePage::changeSplit(const QString &pattern)
{
    const auto place = m_tree->place();
    const auto isSplit = bodyOf(m_state.item(), m_kind)["split"].text("at") == place.where;
    if (isSplit && pattern.isEmpty()) {
        m_state.edit([this](Node &item) { dropSplit(item, m_kind); });
        return;
    }
    // The number beside the text is what its last part names: the one that is called value, or the only one.
    std::vector<std::string> numbers;
    for (const auto &beside : m_tree->placesBeside()) {
        const auto *guess = guessOf(beside.where);
        if (beside.kind != TreeNode::Kind::Number || beside.where.empty() || (guess != nullptr && guess->kind == PlaceGuess::Kind::Stamp))
            continue;
        if (beside.name == "value" || beside.name == "val" || beside.name == "v" || beside.name == "reading")
            numbers.assign(1, beside.where);
        else
            numbers.push_back(beside.where);
    }
    std::optional<Error> fault;
    m_state.edit([&](Node &item) {
        const auto done = setSplit(item, m_kind, place.where, pattern.isEmpty() ? splitFor(place.value) : utf8Of(pattern),
                                   numbers.size() == 1 ? numbers.front() : std::string());
        if (!done)
            fault = done.error();
    });
    if (fault)
        m_bar->say(errorText(*fault));
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

bool SamplePage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_tree && event->type() == QEvent::KeyPress)
        return m_bar->takeKey(*static_cast<QKeyEvent *>(event));
    return ConnectPage::eventFilter(watched, event);
}

}
