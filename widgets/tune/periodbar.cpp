#include "widgets/tune/periodbar.h"

#include "items/texts.h"
#include "widgets/main/usersettings.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>

namespace sg {

namespace {

const auto Format = QStringLiteral("yyyy-MM-dd HH:mm");
const auto BeginsKey = QStringLiteral("tune/shiftBegins"), HoursKey = QStringLiteral("tune/shiftHours");

std::optional<Time> timeOf(const QString &text)
{
    const auto read = QDateTime::fromString(text.trimmed(), Format);
    if (!read.isValid())
        return std::nullopt;
    const QDateTime there(read.date(), read.time(), displayZone());
    return there.isValid() ? std::optional(Time(Millis(there.toMSecsSinceEpoch()))) : std::nullopt;
}

QDateTime wallClock(Time t)
{
    return QDateTime::fromMSecsSinceEpoch(std::chrono::floor<Millis>(t).time_since_epoch().count(), displayZone());
}

QComboBox *choice(const QString &name, const QString &accessible, QWidget *parent)
{
    auto *out = new QComboBox(parent);
    out->setObjectName(name);
    out->setAccessibleName(accessible);
    return out;
}

}

PeriodBar::Range lastShift(Time now, int begins, int hours)
{
    const auto today = wallClock(now).date();
    PeriodBar::Range last;
    QDateTime before;
    for (int day = -2; day <= 0; ++day)
        for (int hour = begins % hours; hour < 24; hour += hours) {
            const QDateTime begin(today.addDays(day), QTime(hour, 0), displayZone());
            const auto at = Time(Millis(begin.toMSecsSinceEpoch()));
            if (before.isValid() && at <= now)
                last = {Time(Millis(before.toMSecsSinceEpoch())), at};
            before = begin;
        }
    return last;
}

PeriodBar::PeriodBar(Period first, QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("periodBar"));
    m_period = choice(QStringLiteral("period"), tr("Period"), this);
    for (const auto &[period, text] : {std::pair(Period::LastShift, tr("Last shift")), std::pair(Period::Day, tr("Last 24 hours")),
                                       std::pair(Period::Week, tr("Last 7 days")), std::pair(Period::Month, tr("Last 30 days")),
                                       std::pair(Period::All, tr("All there is")), std::pair(Period::Any, tr("From … to …"))})
        m_period->addItem(text, static_cast<int>(period));
    m_period->setCurrentIndex(m_period->findData(static_cast<int>(first)));
    setFocusProxy(m_period);

    m_shiftLabel = new QLabel(tr("shifts begin at"), this);
    m_shiftBegins = choice(QStringLiteral("shiftBegins"), tr("Shifts begin at"), this);
    for (int hour = 0; hour < 24; ++hour)
        m_shiftBegins->addItem(QTime(hour, 0).toString(QStringLiteral("HH:mm")), hour);
    m_shiftHours = choice(QStringLiteral("shiftHours"), tr("Length of a shift"), this);
    for (const int hours : {8, 12})
        m_shiftHours->addItem(tr("and last %1 h").arg(hours), hours);
    const auto settings = userSettings();
    m_shiftBegins->setCurrentIndex(std::max(0, m_shiftBegins->findData(settings.value(BeginsKey, 6).toInt())));
    m_shiftHours->setCurrentIndex(std::max(0, m_shiftHours->findData(settings.value(HoursKey, 8).toInt())));

    m_from = new QLineEdit(this);
    m_anyLabel = new QLabel(tr("to"), this);
    m_to = new QLineEdit(this);
    for (auto *edit : {m_from, m_to}) {
        edit->setPlaceholderText(QStringLiteral("2026-11-21 06:00"));
        edit->setFixedWidth(edit->fontMetrics().horizontalAdvance(QStringLiteral("2026-11-21 06:00")) + 30);
        connect(edit, &QLineEdit::textChanged, this, &PeriodBar::check);
        connect(edit, &QLineEdit::editingFinished, this, [this, edit, last = QString()]() mutable {
            if (edit->text() != std::exchange(last, edit->text()))
                Q_EMIT changed();
        });
    }
    m_from->setObjectName(QStringLiteral("periodFrom"));
    m_from->setAccessibleName(tr("From"));
    m_to->setObjectName(QStringLiteral("periodTo"));
    m_to->setAccessibleName(tr("To"));
    m_fault = new QLabel(this);
    m_fault->setObjectName(QStringLiteral("periodFault"));
    m_fault->setTextFormat(Qt::PlainText);

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_period);
    for (auto *widget : std::initializer_list<QWidget *>{m_shiftLabel, m_shiftBegins, m_shiftHours, m_from, m_anyLabel, m_to, m_fault})
        layout->addWidget(widget);
    layout->addStretch(1);
    connect(m_period, &QComboBox::currentIndexChanged, this, [this] {
        layFields();
        Q_EMIT changed();
    });
    for (auto *box : {m_shiftBegins, m_shiftHours})
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            userSettings().setValue(BeginsKey, m_shiftBegins->currentData());
            userSettings().setValue(HoursKey, m_shiftHours->currentData());
            Q_EMIT changed();
        });
    layFields();
}

PeriodBar::Period PeriodBar::period() const
{
    return static_cast<Period>(m_period->currentData().toInt());
}

void PeriodBar::layFields()
{
    const bool isShift = period() == Period::LastShift, isAny = period() == Period::Any;
    for (auto *widget : std::initializer_list<QWidget *>{m_shiftLabel, m_shiftBegins, m_shiftHours})
        widget->setVisible(isShift);
    for (auto *widget : std::initializer_list<QWidget *>{m_from, m_anyLabel, m_to})
        widget->setVisible(isAny);
    if (isAny && m_from->text().isEmpty() && m_to->text().isEmpty()) {
        const auto now = QDateTime::currentDateTime().toTimeZone(displayZone());
        m_from->setText(now.addDays(-1).toString(Format));
        m_to->setText(now.toString(Format));
    }
    check();
}

void PeriodBar::check()
{
    QString fault;
    if (period() == Period::Any) {
        const auto from = timeOf(m_from->text()), to = timeOf(m_to->text());
        if (!from || !to)
            fault = tr("Write a time as %1.").arg(QStringLiteral("2026-11-21 06:00"));
        else if (*from >= *to)
            fault = tr("The first time lies behind the second.");
    }
    m_fault->setText(fault);
    m_fault->setVisible(!fault.isEmpty());
}

std::optional<PeriodBar::Range> PeriodBar::range(Time now) const
{
    constexpr Micros day = std::chrono::hours(24);
    switch (period()) {
    case Period::LastShift:
        return lastShift(now, m_shiftBegins->currentData().toInt(), m_shiftHours->currentData().toInt());
    case Period::Day:
        return Range{now - day, now};
    case Period::Week:
        return Range{now - 7 * day, now};
    case Period::Month:
        return Range{now - 30 * day, now};
    case Period::All:
        return Range{};
    case Period::Any: {
        const auto from = timeOf(m_from->text()), to = timeOf(m_to->text());
        return from && to && *from < *to ? std::optional(Range{*from, *to}) : std::nullopt;
    }
    }
    return std::nullopt;
}

QString PeriodBar::words() const
{
    return m_period->currentText();
}

}
