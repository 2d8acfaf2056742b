#include "widgets/connect/seriespage.h"

#include "core/selector.h"
#include "core/text.h"
#include "items/texts.h"

#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t MostRows = 500; // shown
constexpr std::size_t MostDrawn = 200; // whose points are kept
constexpr auto Patience = std::chrono::minutes(10);
constexpr int PathRole = Qt::UserRole;
enum Column { SeriesColumn, ValueColumn, UnitColumn, NameColumn, CountColumn };

std::string fieldSegment(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

}

SeriesPage::SeriesPage(ConnectState &state, QWidget *parent)
    : ConnectPage(state, parent)
{
    const auto line = [this](const char *name, const QString &accessible, const QString &hint) {
        auto *made = new QLineEdit(this);
        made->setObjectName(QString::fromLatin1(name));
        made->setAccessibleName(accessible);
        made->setPlaceholderText(hint);
        return made;
    };
    m_id = line("connectId", tr("Id of the source"), QStringLiteral("press"));
    m_id->setToolTip(tr("The first part of every series; never reused: history and acknowledgements hang on it."));
    m_id->setEnabled(state.isNew());
    m_said = plainText("seriesSaid", this);
    m_list = new QTreeWidget(this);
    m_list->setObjectName(QStringLiteral("connectSeries"));
    m_list->setAccessibleName(tr("Series"));
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    padRows(*m_list);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setHeaderLabels({tr("Series"), tr("Value"), tr("Unit"), tr("Name"), tr("Messages")});
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(SeriesColumn, QHeaderView::Stretch);
    m_list->setColumnWidth(ValueColumn, 90);
    m_list->setColumnWidth(UnitColumn, 60);
    m_list->setColumnWidth(NameColumn, 170);
    m_list->setColumnWidth(CountColumn, 80);
    m_whose = plainText("tagWhose", this);
    m_name = line("tagName", tr("Name"), QStringLiteral("Press {device} temperature"));
    m_unit = line("tagUnit", tr("Unit"), QStringLiteral("°C"));
    m_area = line("tagArea", tr("Area"), QStringLiteral("Press shop"));
    m_unit->setMaximumWidth(90);
    m_plot = new PreviewPlot(this);

    auto *form = new QFormLayout;
    form->addRow(tr("&Id of the source"), m_id);
    auto *tags = new QHBoxLayout;
    for (const auto &[text, edit, stretch] : std::initializer_list<std::tuple<QString, QLineEdit *, int>>{
             {tr("N&ame"), m_name, 3}, {tr("&Unit"), m_unit, 0}, {tr("A&rea"), m_area, 2}}) {
        auto *label = new QLabel(text, this);
        label->setBuddy(edit);
        tags->addWidget(label);
        tags->addWidget(edit, stretch);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(form);
    layout->addWidget(m_said);
    layout->addWidget(m_list, 3);
    layout->addWidget(m_whose);
    layout->addLayout(tags);
    layout->addWidget(m_plot, 2);

    m_frame.setInterval(200);
    connect(&m_frame, &QTimer::timeout, this, [this] {
        if (std::exchange(m_isChanged, false))
            showSeries();
    });
    connect(m_id, &QLineEdit::textEdited, this, [this](const QString &text) {
        m_state.edit([&](Node &item) { childOf(item, "id") = Node::ofScalar(utf8Of(text.trimmed())); });
        writeTags();
    });
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, [this] {
        showTag();
        showChart();
    });
    for (auto *edit : {m_name, m_unit, m_area})
        connect(edit, &QLineEdit::textEdited, this, &SeriesPage::takeTag);
    connect(&m_feed, &LiveFeed::said, this, [this](const Error &step) {
        m_step = errorText(step);
        m_isChanged = true;
    });
    connect(&m_feed, &LiveFeed::came, this, &SeriesPage::take);
    connect(&m_feed, &LiveFeed::ended, this, [this](const Result<Browser::Read> &result) {
        m_step = result ? tr("Reading paused.") : errorText(result.error());
        m_isChanged = true;
    });
}

void SeriesPage::enter()
{
    m_id->setText(textOf(m_state.item().text("id")));
    m_points.clear();
    m_rows.clear();
    m_list->clear();
    m_messages = m_refused = 0;
    m_preview.reset();
    m_step = tr("Connecting …");
    const auto spec = m_state.specToLook();
    auto made = spec ? Preview::make(*spec) : Result<std::unique_ptr<Preview>>(spec.error());
    if (!made) {
        m_step = errorText(made.error());
    } else {
        m_preview = std::move(*made);
        take(m_state.messages);
        BrowseRequest request;
        request.from = BrowseRequest::From::End;
        request.isFollowing = true;
        request.patience = Patience;
        m_feed.start(*m_state.kind(), *spec, request);
    }
    m_frame.start();
    showSeries();
    if (m_list->topLevelItemCount() > 0)
        m_list->setCurrentItem(m_list->topLevelItem(0));
    showTag();
    writeTags();
    m_id->setFocus();
    m_id->selectAll();
}

void SeriesPage::leave()
{
    m_feed.stop();
    m_frame.stop();
}

void SeriesPage::take(const std::vector<BrowsedMessage> &messages)
{
    for (const auto &message : messages) {
        ++m_messages;
        const auto read = m_preview->add(message);
        m_refused += read.error ? 1 : 0;
        for (const auto &row : read.rows) {
            if (row.kind != ValueKind::Number || (m_points.size() >= MostDrawn && !m_points.contains(row.path)))
                continue;
            auto &points = m_points[row.path];
            points.emplace_back(row.stamp, row.value);
            if (points.size() > 2 * PreviewPlot::MostPoints)
                points.erase(points.begin(), points.end() - static_cast<std::ptrdiff_t>(PreviewPlot::MostPoints));
        }
    }
    m_isChanged = true;
}

void SeriesPage::showSeries()
{
    std::size_t shownRows = 0, all = 0;
    if (m_preview) {
        const auto series = m_preview->series();
        all = series.size() + m_preview->hiddenSeries();
        for (const auto &one : series) {
            if (++shownRows > MostRows)
                break;
            auto *&row = m_rows[one.path];
            if (row == nullptr) {
                row = new QTreeWidgetItem(m_list, {seriesName(one.path)});
                row->setData(SeriesColumn, PathRole, textOf(one.path));
                for (const auto column : {ValueColumn, CountColumn})
                    row->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
                auto &said = m_tags[fieldSegment(one.path)];
                said.labels = one.labels.size();
                row->setText(UnitColumn, textOf(said.tag.unit));
                row->setText(NameColumn, textOf(said.tag.name));
            }
            row->setText(ValueColumn, one.newest.text.empty() ? QStringLiteral("—") : textOf(one.newest.text));
            row->setText(CountColumn, QLocale().toString(static_cast<qulonglong>(one.count)));
        }
        // A first look needs a choice, or the chart stays empty.
        if (m_list->currentItem() == nullptr && m_list->topLevelItemCount() > 0)
            m_list->setCurrentItem(m_list->topLevelItem(0));
    }
    QStringList parts;
    if (all > 0)
        parts << tr("%n series", nullptr, static_cast<int>(all)) + tr(" of %n message(s).", nullptr, static_cast<int>(m_messages));
    else if (m_messages > 0)
        parts << tr("No series in %n message(s): go back and choose a field.", nullptr, static_cast<int>(m_messages));
    if (m_refused > 0)
        parts << tr("%n message(s) cannot be read this way.", nullptr, static_cast<int>(m_refused));
    if (m_preview)
        for (const auto &label : m_preview->labels())
            if (label.warning)
                parts << errorText(*label.warning);
    parts << (m_feed.isRunning() && all > 0 ? tr("Live.") : m_step);
    m_said->setText(parts.join(u' '));
    showChart();
}

std::vector<std::string> SeriesPage::chosenPaths() const
{
    std::vector<std::string> paths;
    for (const auto *item : m_list->selectedItems())
        paths.push_back(utf8Of(item->data(SeriesColumn, PathRole).toString()));
    return paths;
}

std::set<std::string> SeriesPage::chosenFields() const
{
    std::set<std::string> fields;
    for (const auto &path : chosenPaths())
        fields.insert(fieldSegment(path));
    return fields;
}

void SeriesPage::showChart()
{
    std::vector<PreviewPlot::Line> lines;
    for (const auto &path : chosenPaths()) {
        const auto found = m_points.find(path);
        if (found == m_points.end() || lines.size() >= PreviewPlot::MostLines)
            continue;
        auto points = found->second;
        std::stable_sort(points.begin(), points.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
        lines.push_back({seriesName(path), std::move(points)});
    }
    m_plot->show(std::move(lines));
}

void SeriesPage::showTag()
{
    const auto fields = chosenFields();
    for (const auto &[edit, member] : std::initializer_list<std::pair<QLineEdit *, std::string TagDraft::*>>{
             {m_name, &TagDraft::name}, {m_unit, &TagDraft::unit}, {m_area, &TagDraft::area}}) {
        std::set<std::string> texts;
        for (const auto &field : fields)
            texts.insert(m_tags[field].tag.*member);
        edit->setEnabled(!fields.empty());
        edit->setText(texts.size() == 1 ? textOf(*texts.begin()) : QString());
    }
    QStringList names;
    for (const auto &field : fields)
        names << textOf(field);
    m_whose->setText(fields.empty()           ? tr("Choose one or more series to name them.")
                         : fields.size() == 1 ? tr("For %1 of every key:").arg(names.front())
                                              : tr("For %1 of every key, all the same:").arg(names.join(QStringLiteral(", "))));
}

void SeriesPage::takeTag()
{
    for (const auto &field : chosenFields()) {
        auto &tag = m_tags[field].tag;
        for (const auto &[edit, member] : std::initializer_list<std::pair<QLineEdit *, std::string TagDraft::*>>{
                 {m_name, &TagDraft::name}, {m_unit, &TagDraft::unit}, {m_area, &TagDraft::area}})
            if (sender() == edit)
                tag.*member = utf8Of(edit->text().trimmed());
    }
    for (const auto &[path, row] : m_rows) {
        const auto &tag = m_tags[fieldSegment(path)].tag;
        row->setText(UnitColumn, textOf(tag.unit));
        row->setText(NameColumn, textOf(tag.name));
    }
    writeTags();
}

void SeriesPage::writeTags()
{
    std::vector<TagDraft> tags;
    for (const auto &[field, said] : m_tags) {
        auto tag = said.tag;
        if (tag.name.empty() && tag.unit.empty() && tag.area.empty())
            continue;
        tag.series = m_state.item().text("id") + "/";
        for (std::size_t i = 0; i < said.labels; ++i)
            tag.series += "*/";
        tag.series += field;
        tags.push_back(std::move(tag));
    }
    m_state.setTags(std::move(tags));
}

}
