#pragma once

#include "core/browse.h"
#include "widgets/connect/itemnode.h"
#include "widgets/main/desk.h"
#include "workspace/consent.h"

namespace sg {

// What is said of the series of a new source in tags.yaml.
struct TagDraft
{
    std::string series; // selector
    std::string name, unit, area;
    bool operator==(const TagDraft &) const = default;
};

// What all steps of "Connect your own data" work on: the item that will be written, the tags beside it, what the server showed. UI thread.
class ConnectState : public QObject
{
    Q_OBJECT

public:
    struct Connection
    {
        std::string kind;
        Node settings;
    };

    // From what it begins: an empty id is a new source from nothing.
    struct Begin
    {
        std::string id; // of the source that is changed, or copied into a new one
        bool isCopy = false;
    };
    ConnectState(Desk &desk, const Begin &begin, QObject *parent);

    [[nodiscard]] Desk &desk() const { return m_desk; }
    [[nodiscard]] const SourceKind *kind() const; // null: none is chosen
    [[nodiscard]] const std::string &kindName() const { return m_kind; }
    void setKind(const std::string &kind);
    [[nodiscard]] std::string freeId(const std::string &wanted) const; // with a number behind it where it is taken
    [[nodiscard]] char separator() const { return m_kind == "mqtt" ? '/' : '.'; }
    [[nodiscard]] bool hasTopics() const { return m_kind == "kafka" || m_kind == "mqtt"; }

    [[nodiscard]] const Node &item() const { return m_item; }
    [[nodiscard]] const Node &settings() const { return m_item[m_kind]; } // the kind's own map
    // Every change of the item goes through here; the steps hear of it by changed().
    void edit(const std::function<void(Node &item)> &change);
    void editSettings(const std::function<void(Node &settings)> &change);
    [[nodiscard]] const std::vector<TagDraft> &tags() const { return m_tags; }
    void setTags(std::vector<TagDraft> tags);

    [[nodiscard]] Result<SourceSpec> spec() const; // with the settings of the connection that it uses
    // The same, or what keeps us from looking into the server: an address that lacks something, or that nobody agreed to.
    [[nodiscard]] Result<SourceSpec> specToLook() const;
    [[nodiscard]] std::vector<Error> faults() const; // of the whole item: what keeps it from being saved
    [[nodiscard]] std::vector<Error> addressFaults() const; // what keeps us from looking into the server
    // What a look would reach because the workspace's files say so, while nobody on this machine agreed to it. An address that was typed
    // here is not among them: who types one agrees to it.
    [[nodiscard]] std::vector<Access> unagreed() const;
    void agree(); // to all of these, on this machine and for good; then changed(), or agreeRefused()

    [[nodiscard]] const std::map<std::string, Connection> &connections() const { return m_connections; }
    [[nodiscard]] bool isNew() const { return m_change.empty(); }
    // What Save writes, as the files will have it.
    [[nodiscard]] QString yaml() const;
    // What it connects to and with which secret, for a person to see: Save is the consent to what was typed.
    [[nodiscard]] QStringList accesses() const;
    // One step of the undo stack; `ended` gets why nothing was written, or nothing.
    void save(EditStack::Ended ended);

    std::vector<BrowsedMessage> messages; // that were looked at last
    std::string listedFrom; // the address that `topics` is of

Q_SIGNALS:
    void changed();
    void filesRead(); // the connections are known now
    void agreeRefused(const sg::Error &why); // it could not be kept

private:
    [[nodiscard]] Result<SourceSpec> specOf(const Node &item) const;

    Desk &m_desk;
    const std::string m_change;
    std::string m_kind;
    Node m_before, m_item;
    std::vector<TagDraft> m_tags;
    std::map<std::string, Connection> m_connections;
    Consents m_consents; // as they were when this began, and what was agreed to here
    std::string m_workspaceText, m_tagsText; // as they were when this began
    bool m_isRead = false;
};

}
