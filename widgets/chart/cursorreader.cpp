#include "widgets/chart/cursorreader.h"

#include "widgets/main/posting.h"

#include <atomic>

namespace sg {

CursorReader::CursorReader(Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
{
    constexpr int Patience = 120; // ms
    m_patience.setSingleShot(true);
    m_patience.setInterval(Patience);
    connect(&m_patience, &QTimer::timeout, this, &CursorReader::delayed);
}

CursorReader::~CursorReader()
{
    m_stop.request_stop();
}

void CursorReader::ask(Question question)
{
    m_next = std::move(question);
    if (!m_patience.isActive())
        m_patience.start();
    if (!m_isUnderWay)
        put();
}

void CursorReader::drop()
{
    m_next.reset();
    m_isDropped = true;
    m_patience.stop();
}

void CursorReader::put()
{
    const auto question = std::move(*m_next);
    m_next.reset();
    m_isUnderWay = true;
    m_isDropped = false;
    struct Gathered
    {
        Answer answer;
        std::atomic<int> left{1};
    };
    auto gathered = std::make_shared<Gathered>();
    gathered->answer.at = question.at;
    gathered->answer.reference = question.reference;
    gathered->answer.series = question.series;
    gathered->left = question.reference ? 2 : 1;
    const auto into = [this, self = QPointer<QObject>(this), gathered](std::vector<std::optional<Row>> Answer::*part) {
        return [this, self, gathered, part](std::vector<std::optional<Row>> rows) {
            gathered->answer.*part = std::move(rows);
            if (gathered->left.fetch_sub(1) == 1)
                postTo(self, [this, gathered] { take(gathered->answer); });
        };
    };
    m_session.rowsAt(question.views, question.at, m_stop.get_token(), into(&Answer::rows));
    if (question.reference)
        m_session.rowsAt(question.views, *question.reference, m_stop.get_token(), into(&Answer::from));
}

void CursorReader::take(const Answer &answer)
{
    m_isUnderWay = false;
    m_patience.stop();
    if (!m_isDropped)
        Q_EMIT answered(answer);
    if (m_next) {
        m_patience.start();
        put();
    }
}

}
