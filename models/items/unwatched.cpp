#include "items/unwatched.h"

#include "items/texts.h"

#include <QCoreApplication>
#include <QStringList>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::UnwatchedWords)
};

// Several sources that were away together.
struct Absence
{
    Time from = NoTime, to = NoTime;
    std::size_t raised = 0, cleared = 0, active = 0;
    QStringList catchingUp, lost;
    bool isOver = true;

    void add(const SourceRow &source)
    {
        const Unwatched &one = *source.unwatched;
        raised += one.raised;
        cleared += one.cleared;
        active += one.active;
        if (one.isLost)
            lost << textOf(source.id);
        if (one.to != NoTime && one.isCatchingUp)
            catchingUp << textOf(source.id);
        isOver = isOver && one.to != NoTime && !one.isCatchingUp;
    }
    [[nodiscard]] bool isWorthALine() const { return raised + cleared > 0 || !lost.isEmpty(); }
    // "3 raised, 1 still active, 2 cleared; mqtt not recoverable"
    [[nodiscard]] QString found() const
    {
        QStringList out;
        if (isOver)
            out << (raised + cleared > 0 ? Words::tr("%1 raised, %2 still active, %3 cleared").arg(raised).arg(active).arg(cleared)
                                         : Words::tr("nothing was raised"));
        else if (raised + cleared > 0)
            out << Words::tr("%1 raised, %2 cleared so far").arg(raised).arg(cleared);
        if (!catchingUp.isEmpty())
            out << Words::tr("%1 still catching up").arg(catchingUp.join(QStringLiteral(", ")));
        if (!lost.isEmpty())
            out << Words::tr("%1 not recoverable").arg(lost.join(QStringLiteral(", ")));
        return out.join(QStringLiteral("; "));
    }
    [[nodiscard]] UnwatchedLine line(const QString &who, const QString &begin) const
    {
        const auto end = to == NoTime ? QString() : clockText(to);
        const auto key = QStringLiteral("%1/%2").arg(who).arg(from.time_since_epoch().count());
        const auto what = found();
        const auto text = what.isEmpty() ? Words::tr("%1 %2 – %3.").arg(begin, clockText(from), end)
                                         : Words::tr("%1 %2 – %3: %4.").arg(begin, clockText(from), end, what);
        return {key, text, isOver};
    }
};

}

std::vector<UnwatchedLine> unwatchedLines(const Snapshot &snapshot)
{
    std::vector<UnwatchedLine> out;
    Absence ours;
    ours.from = snapshot.notWatchedFrom;
    ours.to = snapshot.watchedSince;
    for (const SourceRow &source : snapshot.sources) {
        if (!source.unwatched)
            continue;
        if (source.unwatched->from == snapshot.notWatchedFrom) {
            ours.add(source);
            continue;
        }
        Absence its;
        its.from = source.unwatched->from;
        its.to = source.unwatched->to;
        its.add(source);
        if (its.to != NoTime && its.isWorthALine())
            out.push_back(its.line(textOf(source.id), Words::tr("%1 was not read").arg(textOf(source.id))));
    }
    if (snapshot.notWatchedFrom != NoTime)
        out.insert(out.begin(), ours.line({}, Words::tr("Not watched")));
    return out;
}

}
