#pragma once

#include "items/snapshotfeed.h"
#include "items/seriestreemodel.h"
#include "items/sourcemodel.h"
#include "widgets/main/editstack.h"

namespace sg {

class AlarmSpans;
class Attention;
class SparkCache;

// What every widget of one opened workspace works with. Made when the session has started, gone before it ends. UI thread.
class Desk : public QObject
{
    Q_OBJECT

public:
    Desk(std::shared_ptr<Session> session, const WindowContext &context);
    ~Desk() override;

    [[nodiscard]] Session &session() const { return *m_session; }
    [[nodiscard]] const std::shared_ptr<Session> &sharedSession() const { return m_session; }
    [[nodiscard]] const SourceCatalog &catalog() const { return *m_catalog; }
    [[nodiscard]] const std::shared_ptr<const Workspace> &workspace() const { return m_workspace; } // as on disk
    [[nodiscard]] SnapshotFeed &feed() { return m_feed; }
    [[nodiscard]] SeriesTreeModel &series() { return m_series; }
    [[nodiscard]] SourceModel &sources() { return m_sources; }
    [[nodiscard]] EditStack &edits() { return m_edits; }
    [[nodiscard]] AlarmSpans &alarmSpans() { return *m_alarmSpans; }
    [[nodiscard]] Attention &attention() { return *m_attention; }
    [[nodiscard]] SparkCache &sparks() { return *m_sparks; }
    [[nodiscard]] bool isDemo() const { return m_workspace->isDemo; }

    // May one more chart that follows the present draw in this frame? Many charts take turns, so that the window never paints all of them
    // at once.
    [[nodiscard]] bool takeDrawTurn();

    // Series numbers whose path meets a selector, in number order; at most `limit`.
    [[nodiscard]] std::vector<SeriesId> matching(const std::string &selector, std::size_t limit) const;

Q_SIGNALS:
    void workspaceChanged();
    void said(const QString &text, bool isError);
    void addToChartWanted(const QStringList &paths); // "put these on a chart"
    void showSeriesWanted(const QString &path); // of an alarm
    void showSeriesAtWanted(const QString &path, sg::Time from, sg::Time to);

private:
    std::shared_ptr<Session> m_session;
    const SourceCatalog *m_catalog;
    std::shared_ptr<const Workspace> m_workspace;
    SnapshotFeed m_feed;
    SeriesTreeModel m_series;
    SourceModel m_sources;
    EditStack m_edits;
    std::unique_ptr<Attention> m_attention;
    std::unique_ptr<AlarmSpans> m_alarmSpans;
    std::unique_ptr<SparkCache> m_sparks;
    int m_turns = 0; // taken in this frame
};

}
