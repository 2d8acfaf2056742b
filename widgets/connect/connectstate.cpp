#include "widgets/connect/connectstate.h"

#include "core/platform.h"
#include "items/texts.h"
#include "widgets/forms/itemedit.h"
#include "widgets/main/posting.h"
#include "widgets/sources/sourcefaults.h"
#include "workspace/consent.h"

#include <filesystem>

namespace sg {

namespace {

constexpr auto WorkspaceFile = "workspace.yaml";
constexpr auto TagsFile = "tags.yaml";

std::string textOfFile(const std::string &path)
{
    std::error_code none;
    if (!std::filesystem::exists(path, none))
        return {};
    auto text = readFile(path);
    return text ? std::move(*text) : std::string();
}

// Without the line ends around it, with the indent of its first line.
QString block(const std::string &text)
{
    const auto first = text.find_first_not_of("\r\n");
    return first == std::string::npos ? QString() : textOf(text.substr(first, text.find_last_not_of(" \r\n") + 1 - first));
}

std::string tagYaml(const TagDraft &tag)
{
    std::string out = "series: " + sg::quoted(tag.series);
    for (const auto &[key, value] : {std::pair("name", tag.name), {"unit", tag.unit}, {"area", tag.area}})
        if (!value.empty())
            out += std::string("\n") + key + ": " + sg::quoted(value);
    return out;
}

// A new item, or the changed values of the one with the id `change`.
Result<TextEdit> sourceEdit(const std::string &text, const std::string &change, const Node &before, const Node &item)
{
    return change.empty() ? addItem(WorkspaceFile, text, "sources", itemYaml(item))
                          : changeItem(WorkspaceFile, text, "sources", change, before, item);
}

Result<TextEdit> tagsEdit(const std::string &text, const std::vector<TagDraft> &tags)
{
    auto now = text;
    for (const auto &tag : tags) {
        const auto edit = addEntry(TagsFile, now, "tags", tagYaml(tag));
        if (!edit)
            return edit;
        now.replace(edit->at, edit->before.size(), edit->after);
    }
    return editBetween(TagsFile, text, now);
}

}

ConnectState::ConnectState(Desk &desk, const Begin &begin, QObject *parent)
    : QObject(parent)
    , m_desk(desk)
    , m_change(begin.isCopy ? std::string() : begin.id)
{
    for (const auto &source : desk.workspace()->sources)
        if (source.id == begin.id) {
            m_kind = source.kind;
            m_before = m_item = source.declaration;
        }
    if (m_item.isMissing())
        m_item = mapNode();
    if (begin.isCopy)
        childOf(m_item, "id") = Node::ofScalar(freeId(begin.id));
    desk.session().run([this, self = QPointer<QObject>(this), opened = desk.workspace()] {
        auto workspace = textOfFile(opened->folder + "/" + WorkspaceFile);
        auto tags = textOfFile(opened->folder + "/" + TagsFile);
        auto consents = Consents::keptFor(*opened);
        postTo(self, [this, consents = std::move(consents), workspace = std::move(workspace), tags = std::move(tags)]() mutable {
            m_consents = std::move(consents);
            m_workspaceText = std::move(workspace);
            m_tagsText = std::move(tags);
            m_isRead = true;
            if (const auto root = parseYaml(m_workspaceText, WorkspaceFile))
                for (const auto &one : (*root)["connections"].list)
                    for (const auto &[key, value] : one.map)
                        if (m_desk.catalog().contains(key))
                            m_connections[one.text("id")] = {key, value};
            Q_EMIT filesRead();
            Q_EMIT changed();
        });
    });
}

std::string ConnectState::freeId(const std::string &wanted) const
{
    auto id = wanted;
    const auto &sources = m_desk.workspace()->sources;
    for (int n = 2; std::any_of(sources.begin(), sources.end(), [&](const SourceSpec &one) { return one.id == id; }); ++n)
        id = wanted + std::to_string(n);
    return id;
}

const SourceKind *ConnectState::kind() const
{
    const auto found = m_desk.catalog().find(m_kind);
    return found == m_desk.catalog().end() ? nullptr : &found->second;
}

void ConnectState::setKind(const std::string &kind)
{
    if (kind == m_kind)
        return;
    m_kind = kind;
    auto id = m_item["id"];
    m_item = mapNode();
    if (!id.isMissing())
        childOf(m_item, "id") = std::move(id);
    childOf(m_item, m_kind) = mapNode();
    messages.clear();
    listedFrom.clear();
    Q_EMIT changed();
}

void ConnectState::edit(const std::function<void(Node &)> &change)
{
    auto item = m_item;
    change(item);
    if (item.saysTheSame(m_item))
        return;
    m_item = std::move(item);
    Q_EMIT changed();
}

void ConnectState::editSettings(const std::function<void(Node &)> &change)
{
    edit([&](Node &item) { change(childOf(item, m_kind)); });
}

void ConnectState::setTags(std::vector<TagDraft> tags)
{
    if (tags == m_tags)
        return;
    m_tags = std::move(tags);
    Q_EMIT changed();
}

Result<SourceSpec> ConnectState::spec() const
{
    return specOf(m_item);
}

Result<SourceSpec> ConnectState::specToLook() const
{
    if (const auto faults = addressFaults(); !faults.empty())
        return faults.front();
    return spec();
}

Result<SourceSpec> ConnectState::specOf(const Node &item) const
{
    // Through its text, so that what is tried is what will be read.
    auto node = parseYaml(itemYaml(item) + "\n", "");
    if (!node)
        return node.error();
    SourceSpec spec;
    spec.id = node->text("id").empty() ? "new" : node->text("id");
    spec.kind = m_kind;
    spec.settings = (*node)[m_kind];
    if (spec.settings.kind != Node::Kind::Map)
        spec.settings = mapNode();
    if (const auto use = spec.settings.text("use"); !use.empty()) {
        const auto found = m_connections.find(use);
        if (found == m_connections.end())
            return Error{SG_TR("there is no connection '%1'"), {use}, {}};
        eraseKey(spec.settings, "use");
        for (const auto &[key, value] : found->second.settings.map)
            if (!spec.settings.has(key))
                childOf(spec.settings, key) = value;
    }
    spec.declaration = std::move(*node);
    spec.folder = m_desk.workspace()->folder;
    if (const auto faults = resolveSecrets(spec.folder, spec.settings); !faults.empty())
        return faults.front();
    spec.clientName = "sightglass-look";
    spec.stateName = "look";
    return spec;
}

std::vector<Error> ConnectState::addressFaults() const
{
    const auto made = spec();
    if (!made)
        return {made.error()};
    if (kind() == nullptr)
        return {{SG_TR("Choose what to read from."), {}, {}}};
    if (!unagreed().empty())
        return {m_isRead ? Error{SG_TR("It connects when you agree to the address."), {}, {}}
                         : Error{SG_TR("Reading what was agreed to …"), {}, {}}};
    std::vector<Error> faults;
    for (const auto &field : kind()->fields) {
        const bool isAddress = std::string_view(field.key) == "brokers" || std::string_view(field.key) == "broker"
            || std::string_view(field.key) == "host" || std::string_view(field.key) == "dbname";
        if (isAddress && made->settings[field.key].isMissing())
            faults.push_back({SG_TR("%1: give it first."), {field.label}, {}});
    }
    return faults;
}

std::vector<Access> ConnectState::unagreed() const
{
    const auto made = spec();
    if (!made)
        return {};
    auto named = accessesOf(*made);
    if (!settings().has("use")) {
        const auto before = m_before[m_kind].has("use") ? Result<SourceSpec>(Error()) : specOf(m_before);
        const auto were = before ? accessesOf(*before) : std::vector<Access>();
        std::erase_if(named, [&](const Access &one) { return std::find(were.begin(), were.end(), one) == were.end(); });
    }
    std::erase_if(named, [this](const Access &one) { return m_consents.covers(one); });
    return named;
}

void ConnectState::agree()
{
    m_desk.session().run([this, self = QPointer<QObject>(this), opened = m_desk.workspace(), accesses = unagreed()] {
        const auto kept = trust(opened->folder, accesses);
        auto consents = Consents::keptFor(*opened);
        postTo(self, [this, kept, consents = std::move(consents)]() mutable {
            if (!kept) {
                Q_EMIT agreeRefused(kept.error());
                return;
            }
            m_consents = std::move(consents);
            m_desk.edits().reload(false, {}, {}); // what waited for the same begins
            Q_EMIT changed();
        });
    });
}

std::vector<Error> ConnectState::faults() const
{
    return sourceFaults(*m_desk.workspace(), kind(), m_item.text("id"), m_change, spec());
}

QString ConnectState::yaml() const
{
    if (!m_isRead || m_kind.empty())
        return {};
    // The id is asked last; until then the place of it stands there.
    const auto item = m_item.has("id") ? itemYaml(m_item) : "id: …\n" + itemYaml(m_item);
    QString out = QStringLiteral("# workspace.yaml\n");
    if (isNew() && m_item.has("id")) {
        const auto edit = sourceEdit(m_workspaceText, m_change, m_before, m_item);
        out += edit ? block(edit->after) : errorText(edit.error());
    } else {
        out += textOf(item).prepend(QStringLiteral("- ")).replace(u'\n', QStringLiteral("\n  "));
    }
    if (m_tags.empty())
        return out;
    const auto tags = tagsEdit(m_tagsText, m_tags);
    return out + QStringLiteral("\n\n# tags.yaml\n") + (tags ? block(tags->after) : errorText(tags.error()));
}

QStringList ConnectState::accesses() const
{
    QStringList out;
    if (const auto made = spec())
        for (const auto &access : accessesOf(*made))
            out << errorText(sentenceOf(access));
    return out;
}

void ConnectState::save(EditStack::Ended ended)
{
    std::vector<EditStack::Change> changes;
    // Server and secret stood in the first step: what was typed there is agreed to by saving it, and the rest was asked for.
    const auto made = specToLook();
    const auto seen = made ? accessesOf(*made) : std::vector<Access>();
    changes.push_back({WorkspaceFile,
                       [change = m_change, before = m_before, item = m_item, seen,
                        folder = m_desk.workspace()->folder](const std::string &text) -> Result<TextEdit> {
                           if (const auto kept = seen.empty() ? Result<Done>(Done()) : trust(folder, seen); !kept)
                               return kept.error();
                           return sourceEdit(text, change, before, item);
                       }});
    if (!m_tags.empty())
        changes.push_back({TagsFile, [tags = m_tags](const std::string &text) { return tagsEdit(text, tags); }});
    const auto title = isNew() ? tr("Add source %1") : tr("Change source %1");
    m_desk.edits().edit(std::move(changes), title.arg(textOf(m_item.text("id"))), this, std::move(ended));
}

}
