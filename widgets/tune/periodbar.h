#pragma once

#include "core/types.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;

namespace sg {

// A range of time as people ask for it: the last shift, the last 24 hours, 7 or 30 days, all there is, or from and to in the zone in which
// times are shown. When shifts begin is remembered for this machine. UI thread.
class PeriodBar : public QWidget
{
    Q_OBJECT

public:
    enum class Period : std::uint8_t { LastShift, Day, Week, Month, All, Any };
    struct Range
    {
        Time from = NoTime; // NoTime: with the first there is
        Time to = Time::max(); // Time::max(): up to the last
    };

    PeriodBar(Period first, QWidget *parent);
    [[nodiscard]] std::optional<Range> range(Time now) const; // none: from and to are no range; the bar says why
    [[nodiscard]] QString words() const; // "last 7 days"

Q_SIGNALS:
    void changed(); // by a person

private:
    [[nodiscard]] Period period() const;
    void layFields();
    void check();

    QComboBox *m_period, *m_shiftBegins, *m_shiftHours;
    QLabel *m_shiftLabel, *m_anyLabel, *m_fault;
    QLineEdit *m_from, *m_to;
};

// The last shift that is over at `now`, when one begins at `begins` o'clock and every `hours` from there on.
PeriodBar::Range lastShift(Time now, int begins, int hours);

}
