#include "widgets/messages/messagesdialog.h"

#include "decode/preview.h"
#include "items/texts.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/decodedview.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/messages/messagetext.h"
#include "widgets/tune/resulttable.h"
#include "workspace/consent.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDateTime>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QShortcut>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

namespace {

const auto TimeFormat = QStringLiteral("yyyy-MM-dd HH:mm:ss");
constexpr std::size_t Newest = 100;

}

void MessagesDialog::open(Desk &desk, const std::string &source, QWidget *parent)
{
    const auto name = QStringLiteral("messages-") + textOf(source);
    auto *page = parent->findChild<MessagesDialog *>(name, Qt::FindDirectChildrenOnly);
    if (page == nullptr) {
        const auto &sources = desk.workspace()->sources;
        const auto spec = std::find_if(sources.begin(), sources.end(), [&](const SourceSpec &one) { return one.id == source; });
        if (spec == sources.end()) {
            Q_EMIT desk.said(tr("Source %1 is not in the workspace any more.").arg(textOf(source)), true);
            return;
        }
        page = new MessagesDialog(desk, *spec, parent);
        page->setObjectName(name);
    }
    page->show();
    page->raise();
    page->activateWindow();
}

MessagesDialog::MessagesDialog(Desk &desk, const SourceSpec &spec, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_spec([&] {
        auto look = spec;
        look.clientName = "sightglass-look";
        look.stateName = "look";
        return look;
    }())
    , m_filter(m_model)
    , m_decoding(nullptr, browseThreads())
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Messages of %1").arg(textOf(spec.id)));
    resize(1100, 680);
    const auto found = desk.catalog().find(spec.kind);
    m_kind = found == desk.catalog().end() ? nullptr : &found->second;
    auto *layout = new QVBoxLayout(this);
    buildTop(*layout);

    m_table = new QTableView(this);
    m_table->setObjectName(QStringLiteral("messageTable"));
    m_table->setAccessibleName(tr("Messages"));
    setUpTable(*m_table);
    m_table->setModel(&m_filter);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    for (const auto &[column, width] : {std::pair(MessageModel::TimeColumn, 110),
                                        {MessageModel::TopicColumn, 180},
                                        {MessageModel::PlaceColumn, 120},
                                        {MessageModel::KeyColumn, 110},
                                        {MessageModel::SizeColumn, 90}})
        m_table->setColumnWidth(column, width);
    m_table->setColumnHidden(MessageModel::PlaceColumn, spec.kind == "postgres");
    m_table->setColumnHidden(MessageModel::SizeColumn, spec.kind == "postgres");
    m_table->setColumnHidden(MessageModel::KeyColumn, spec.kind != "kafka");
    m_raw = new QPlainTextEdit(this); // plain: a payload is hostile
    m_raw->setObjectName(QStringLiteral("messageRaw"));
    m_raw->setAccessibleName(tr("The message as it came"));
    m_raw->setReadOnly(true);
    m_raw->setTabChangesFocus(true);
    auto mono = m_raw->font();
    mono.setFamily(QStringLiteral("monospace"));
    m_raw->setFont(mono);
    m_raw->setPlaceholderText(tr("Choose a message above."));
    m_decoded = new DecodedView(this);
    auto *below = new QSplitter(this);
    below->addWidget(m_raw);
    below->addWidget(m_decoded);
    below->setChildrenCollapsible(false);
    below->setSizes({620, 420});
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(m_table);
    split->addWidget(below);
    split->setChildrenCollapsible(false);
    split->setSizes({330, 250});
    layout->addWidget(split, 1);

    m_said = plainText("messagesSaid", this);
    m_state = plainText("messagesState", this);
    const auto button = [this](const char *name, const QString &text) {
        auto *made = new QPushButton(text, this);
        made->setObjectName(QString::fromLatin1(name));
        made->setAutoDefault(false);
        return made;
    };
    m_copy = button("messageCopy", tr("&Copy"));
    m_copy->setToolTip(tr("The chosen message with key and headers (Ctrl+C)"));
    m_save = button("messageSave", tr("&Save as file …"));
    m_save->setToolTip(tr("The payload, byte by byte as it came"));
    auto *close = button("messagesClose", tr("Close"));
    auto *foot = new QHBoxLayout;
    foot->addWidget(m_state, 1);
    for (auto *one : {m_copy, m_save, close})
        foot->addWidget(one);
    layout->addWidget(m_said);
    layout->addLayout(foot);

    connect(&desk, &QObject::destroyed, this, [this] { done(Rejected); });
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_copy, &QPushButton::clicked, this, &MessagesDialog::copy);
    connect(new QShortcut(QKeySequence::Copy, m_table), &QShortcut::activated, this, &MessagesDialog::copy);
    connect(m_save, &QPushButton::clicked, this, &MessagesDialog::saveAs);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &MessagesDialog::showMessage);
    m_fetching.setSingleShot(true);
    m_fetching.setInterval(100);
    connect(&m_fetching, &QTimer::timeout, this, [this] {
        if (m_decoding.isRunning())
            m_decoded->say(tr("Fetching schema …"));
    });
    connect(&m_filter, &QAbstractItemModel::rowsRemoved, this, &MessagesDialog::showMessage);
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this,
            [this](int value) { m_isAtEnd = value >= m_table->verticalScrollBar()->maximum(); });
    connect(&m_feed, &LiveFeed::said, this, [this](const Error &step) { m_said->setText(errorText(step)); });
    connect(&m_feed, &LiveFeed::came, this, &MessagesDialog::take);
    connect(&m_feed, &LiveFeed::ended, this, &MessagesDialog::end);
    connect(&m_feed, &LiveFeed::runningChanged, this, &MessagesDialog::refresh);
    begin();
}

MessagesDialog::~MessagesDialog() = default;

void MessagesDialog::buildTop(QVBoxLayout &layout)
{
    using From = BrowseRequest::From;
    m_from = new QComboBox(this);
    m_from->setObjectName(QStringLiteral("messagesFrom"));
    m_from->setAccessibleName(tr("Show"));
    const auto isKafka = m_spec.kind == "kafka";
    m_from->addItem(m_spec.kind == "mqtt" ? tr("what comes") : tr("the newest %1, and what comes").arg(Newest),
                    static_cast<int>(From::Newest));
    if (isKafka) {
        m_from->addItem(tr("from the beginning"), static_cast<int>(From::Beginning));
        m_from->addItem(tr("from a time"), static_cast<int>(From::Stamp));
        m_from->addItem(tr("from an offset"), static_cast<int>(From::Offset));
    }
    const auto line = [this](const char *name, const QString &accessible, const QString &hint, int width) {
        auto *made = new QLineEdit(this);
        made->setObjectName(QString::fromLatin1(name));
        made->setAccessibleName(accessible);
        made->setPlaceholderText(hint);
        made->setFixedWidth(width);
        connect(made, &QLineEdit::returnPressed, this, &MessagesDialog::begin);
        return made;
    };
    m_time = line("messagesTime", tr("Time"), TimeFormat, 160);
    m_time->setText(QDateTime::currentDateTimeUtc().toTimeZone(displayZone()).addSecs(-3600).toString(TimeFormat));
    m_offset = line("messagesOffset", tr("Offset"), tr("offset"), 110);
    m_partition = line("messagesPartition", tr("Partition"), tr("all partitions"), 110);
    m_go = new QPushButton(tr("&Go"), this);
    m_go->setObjectName(QStringLiteral("messagesGo"));
    m_pause = new QPushButton(this);
    m_pause->setObjectName(QStringLiteral("messagesPause"));
    m_text = new QLineEdit(this);
    m_text->setObjectName(QStringLiteral("messagesFilter"));
    m_text->setAccessibleName(tr("Filter"));
    m_text->setPlaceholderText(tr("Filter these messages"));
    m_text->setClearButtonEnabled(true);
    m_where = new QComboBox(this);
    m_where->setObjectName(QStringLiteral("messagesWhere"));
    m_where->setAccessibleName(tr("Where the filter looks"));
    m_where->addItem(tr("anywhere"), MessageFilter::Anywhere);
    m_where->addItem(tr("in the key"), MessageFilter::InKey);
    m_where->addItem(tr("in the headers"), MessageFilter::InHeaders);
    m_where->addItem(tr("in the text"), MessageFilter::InText);
    auto *label = new QLabel(tr("S&how"), this);
    label->setBuddy(m_from);
    auto *row = new QHBoxLayout;
    row->addWidget(label);
    for (auto *one : std::initializer_list<QWidget *>{m_from, m_time, m_offset, m_partition, m_go, m_pause})
        row->addWidget(one);
    row->addSpacing(12);
    row->addWidget(m_text, 1);
    row->addWidget(m_where);
    for (auto *button : {m_go, m_pause})
        button->setAutoDefault(false);
    layout.addLayout(row);

    const auto fit = [this] {
        const auto from = static_cast<From>(m_from->currentData().toInt());
        m_time->setVisible(from == From::Stamp);
        m_offset->setVisible(from == From::Offset);
        m_partition->setVisible(from == From::Offset);
    };
    fit();
    connect(m_from, &QComboBox::activated, this, [this, fit] {
        fit();
        const auto from = static_cast<From>(m_from->currentData().toInt());
        if (from == From::Newest || from == From::Beginning)
            begin();
        else
            (from == From::Stamp ? m_time : m_offset)->setFocus();
    });
    connect(m_go, &QPushButton::clicked, this, &MessagesDialog::begin);
    connect(m_pause, &QPushButton::clicked, this, &MessagesDialog::pauseOrGoOn);
    const auto filter = [this] {
        m_filter.setText(m_text->text(), static_cast<MessageFilter::Where>(m_where->currentData().toInt()));
        refresh();
    };
    connect(m_text, &QLineEdit::textChanged, this, filter);
    connect(m_where, &QComboBox::currentIndexChanged, this, filter);
}

std::optional<BrowseRequest> MessagesDialog::request()
{
    using From = BrowseRequest::From;
    BrowseRequest out;
    out.from = static_cast<From>(m_from->currentData().toInt());
    out.count = Newest;
    out.isFollowing = true;
    out.patience = Patience;
    out.mostPerSecond = MostPerSecond;
    out.mostBytes = MostBytes;
    if (out.from == From::Stamp) {
        const auto read = QDateTime::fromString(m_time->text().trimmed(), TimeFormat);
        if (!read.isValid()) {
            m_said->setText(tr("The time is written like this: %1").arg(QStringLiteral("2026-10-12 08:00:00")));
            return std::nullopt;
        }
        out.stamp = Time(Millis(QDateTime(read.date(), read.time(), displayZone()).toMSecsSinceEpoch()));
    }
    if (out.from == From::Offset) {
        bool isNumber = false, isPartition = true;
        out.offset = m_offset->text().trimmed().toLongLong(&isNumber);
        if (!m_partition->text().trimmed().isEmpty())
            out.partition = m_partition->text().trimmed().toInt(&isPartition);
        if (!isNumber || !isPartition || out.offset < 0) {
            m_said->setText(tr("Offset and partition are whole numbers; without a partition the offset is sought in all of them."));
            return std::nullopt;
        }
    }
    return out;
}

void MessagesDialog::begin()
{
    const auto asked = request();
    if (!asked)
        return;
    m_model.clear();
    m_passedOver = 0;
    m_ended.clear();
    m_isAtEnd = true;
    showMessage();
    if (m_kind == nullptr || m_kind->browse == nullptr) {
        m_said->setText(tr("Sources of this kind have no messages to look at."));
        refresh();
        return;
    }
    start(*asked);
}

void MessagesDialog::start(const BrowseRequest &request)
{
    m_said->setText(tr("Connecting …"));
    const auto number = ++m_starts;
    m_desk.session().run([this, self = QPointer<QObject>(this), workspace = m_desk.workspace(), spec = m_spec, request, number] {
        const auto waits = Consents::keptFor(*workspace).whyItWaits(spec);
        postTo(self, [this, waits, request, number] {
            if (number != m_starts)
                return;
            if (waits)
                end(*waits);
            else
                m_feed.start(*m_kind, m_spec, request);
            refresh();
        });
    });
    refresh();
}

void MessagesDialog::pauseOrGoOn()
{
    if (m_feed.isRunning()) {
        m_ended = tr("Paused.");
        m_feed.stop();
        return;
    }
    // What came meanwhile is not read: a tail goes on at the end.
    auto asked = request();
    if (!asked || m_kind == nullptr || m_kind->browse == nullptr)
        return;
    asked->from = BrowseRequest::From::End;
    m_ended.clear();
    start(*asked);
}

void MessagesDialog::take(const std::vector<BrowsedMessage> &messages)
{
    const auto wasAtEnd = m_isAtEnd;
    m_model.add(messages);
    m_said->clear();
    if (wasAtEnd) {
        m_table->scrollToBottom();
        m_isAtEnd = true;
    }
    refresh();
}

void MessagesDialog::end(const Result<Browser::Read> &result)
{
    if (!result) {
        m_said->setText(errorText(result.error()));
        m_ended = tr("Nothing is read.");
    } else {
        m_passedOver += result->passedOver;
        QStringList lines;
        for (const auto &remark : result->remarks)
            lines << errorText(remark);
        m_said->setText(lines.join(u'\n'));
        if (m_ended.isEmpty())
            m_ended = tr("Paused after %1 min; press Go on.").arg(std::chrono::minutes(Patience).count());
    }
    refresh();
}

void MessagesDialog::refresh()
{
    const auto isRunning = m_feed.isRunning();
    m_pause->setText(isRunning ? tr("&Pause") : tr("&Go on"));
    m_pause->setEnabled(m_kind != nullptr && m_kind->browse != nullptr);
    QStringList parts{isRunning ? tr("Live.") : m_ended};
    parts << (m_filter.rowCount() == m_model.rowCount() ? tr("%n message(s).", nullptr, m_model.rowCount())
                                                        : tr("%1 of %2 messages match.").arg(m_filter.rowCount()).arg(m_model.rowCount()));
    if (m_model.gone() > 0)
        parts << tr("%L1 older ones left this list.").arg(m_model.gone());
    if (m_passedOver > 0)
        parts << tr("Passed over %L1, because more than %2/s came.").arg(m_passedOver).arg(MostPerSecond);
    if (m_model.rowCount() == 0 && isRunning)
        parts << tr("Nothing came yet.");
    m_state->setText(parts.join(u' '));
    m_said->setVisible(!m_said->text().isEmpty());
    m_copy->setEnabled(current() != nullptr);
    m_save->setEnabled(current() != nullptr);
}

const BrowsedMessage *MessagesDialog::current() const
{
    const auto index = m_filter.mapToSource(m_table->currentIndex());
    return index.isValid() ? &m_model.message(index.row()) : nullptr;
}

void MessagesDialog::showMessage()
{
    const auto *message = current();
    if (message == nullptr) {
        m_raw->clear();
        m_decoding.stop();
        m_decoded->say({});
    } else {
        const auto text = messageText(*message);
        if (text == m_raw->toPlainText())
            return;
        m_raw->setPlainText(text);
        decode(*message, text);
    }
    refresh();
}

void MessagesDialog::decode(const BrowsedMessage &message, const QString &text)
{
    m_decoded->say(message.isCut() ? tr("Not decoded: only a part of it was read.") : QString());
    if (message.isCut()) {
        m_decoding.stop();
        return;
    }
    m_decoding.start(
        [spec = m_spec, message](const std::stop_token &stop, const LongWork::Tell &) -> Result<Preview::Read> {
            auto preview = Preview::make(spec);
            if (!preview)
                return preview.error();
            return (*preview)->add(message, stop);
        },
        [this, text](const Result<Preview::Read> &read) {
            if (text != m_raw->toPlainText())
                return; // no message is chosen any more
            if (read)
                m_decoded->show(*read);
            else
                m_decoded->say(errorText(read.error()));
        });
    if (!m_spec.registry.isMissing())
        m_fetching.start(); // a schema that is known takes no time, and needs no word
}

void MessagesDialog::copy() const
{
    QStringList texts;
    for (const auto &row : m_table->selectionModel()->selectedRows())
        texts << messageText(m_model.message(m_filter.mapToSource(row).row()));
    if (!texts.isEmpty())
        QApplication::clipboard()->setText(texts.join(QStringLiteral("\n\n")));
}

void MessagesDialog::saveAs()
{
    const auto *message = current();
    if (message == nullptr)
        return;
    auto *dialog
        = new QFileDialog(this, tr("Save the message"), QStringLiteral("message-%1.bin").arg(std::max<std::int64_t>(message->offset, 0)));
    dialog->setObjectName(QStringLiteral("messageSaveDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, bytes = payloadBytes(*message), isCut = message->isCut()](const QString &path) {
                QSaveFile file(path);
                if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
                    m_said->setText(tr("%1 could not be written: %2").arg(path, file.errorString()));
                else
                    m_said->setText(isCut ? tr("Saved the part that was read to %1.").arg(path) : tr("Saved to %1.").arg(path));
                refresh();
            });
    dialog->open();
}

}
