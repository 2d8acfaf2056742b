#pragma once

#include "core/types.h"

#include <QWidget>

namespace sg {

class FloodBanner;
class OneLineLabel;

// The line under a list: a flood, what the last deed came to, why the list is held, else what is listed. It always stands there, however
// much or little it has to say, so that no row moves under a pointer when one of them comes or goes. UI thread.
class NoteLine : public QWidget
{
    Q_OBJECT

public:
    NoteLine(FloodBanner *flood, QWidget *parent);
    void say(const QString &answer); // to a deed; empty: forget the last one
    void setHold(const QString &why); // empty: it is not held
    void setMeaning(const QString &text);
    void setNarrow(bool isNarrow); // one after the other, not beside one another
    void refresh(); // once a second

private:
    FloodBanner *m_flood;
    OneLineLabel *m_answer;
    OneLineLabel *m_hold; // or the meaning
    QString m_why, m_meaning;
    Mono m_saidAt{};
    bool m_isNarrow = false;
};

}
