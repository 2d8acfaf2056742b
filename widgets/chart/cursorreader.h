#pragma once

#include "engine/session.h"

#include <QObject>
#include <QTimer>

namespace sg {

// Reads the values at a chart's cursor on the session's pool, because they may lie on a disk or in another process: the window never
// waits for them. One question is under way at a time; of those asked meanwhile only the newest is put. UI thread.
class CursorReader : public QObject
{
    Q_OBJECT

public:
    struct Question
    {
        Time at{};
        std::optional<Time> reference;
        std::vector<SeriesId> series;
        std::vector<SeriesView> views; // of each of them
    };
    struct Answer
    {
        Time at{};
        std::optional<Time> reference;
        std::vector<SeriesId> series;
        std::vector<std::optional<Row>> rows; // newest at or before `at`
        std::vector<std::optional<Row>> from; // at `reference`; empty without one
    };

    CursorReader(Session &session, QObject *parent); // the session outlives it
    ~CursorReader() override;
    void ask(Question question);
    void drop(); // what is under way is not answered any more

Q_SIGNALS:
    void answered(const sg::CursorReader::Answer &answer);
    void delayed(); // the question has waited for longer than a person overlooks

private:
    void put();
    void take(const Answer &answer);

    Session &m_session;
    std::optional<Question> m_next;
    QTimer m_patience;
    std::stop_source m_stop; // of the reader, not of a question: an answer always comes and makes room for the next one
    bool m_isUnderWay = false, m_isDropped = false;
};

}
