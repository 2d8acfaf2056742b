#pragma once

#include "items/alarmlists.h"
#include "items/snapshotfeed.h"
#include "widgets/tray/noticeboard.h"

#include <set>

namespace sg {

class Desk;

// Tells the desktop of each new alarm of this desk, while `isWanted` says so. More than MostOwn within FoldWithin are folded into one
// notice that counts those of them that still wait. Acknowledge is offered for what the notice shows, never for the highest priority or a
// folded one, and not before somebody gave a name. What is answered elsewhere closes by itself, and what has another priority by now is
// told anew. Alarms that stand when this is made are not told. UI thread.
class AlarmNotices : public QObject
{
    Q_OBJECT

public:
    static constexpr std::size_t MostOwn = 3; // urgent ones are counted by themselves
    static constexpr std::size_t MostOpen = 20; // own ones that nobody answers; then all are folded
    static constexpr Micros FoldWithin = std::chrono::seconds(30);

    AlarmNotices(Desk &desk, NoticeBoard &notifier, std::function<bool()> isWanted);
    ~AlarmNotices() override;

Q_SIGNALS:
    void openWanted(const QString &path); // of an alarm; empty: the list

private:
    struct Own
    {
        std::uint32_t instance = 0;
        ShownOccurrence shown;
        QString path;
        Priority priority = Priority::Low; // as the notice says it
    };
    struct Fold
    {
        std::set<std::uint32_t> instances; // that still wait
        bool isShown = false, isNewer = false;
    };
    static constexpr quint32 FoldNumber = 1;

    void consider(std::uint32_t instance);
    void tell(std::uint32_t instance, const AlarmView &alarm);
    void showOwn(std::uint32_t instance, const AlarmView &alarm);
    void fold(std::uint32_t instance);
    void showFold();
    void tidy(); // once a second
    void acknowledge(quint32 number);
    void open(quint32 number);
    [[nodiscard]] const AlarmView *view(std::uint32_t instance) const;
    [[nodiscard]] QString nameOf(const AlarmView &alarm) const;

    Desk &m_desk;
    NoticeBoard &m_notifier;
    const std::function<bool()> m_isWanted;
    std::unordered_map<std::uint32_t, std::uint32_t> m_told; // seq by instance
    std::set<std::uint32_t> m_waiting; // their sound is held, and so is their notice
    std::array<std::deque<Time>, 2> m_recent; // own notices of late: others, urgent
    std::map<quint32, Own> m_own; // open
    Fold m_fold;
    quint32 m_next = FoldNumber + 1;
};

}
