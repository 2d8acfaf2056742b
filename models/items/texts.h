#pragma once

#include "engine/snapshot.h"

#include <QString>
#include <QTimeZone>

// Values of the engine as text for people: translated, in the user's locale, always plain text. UI thread.
namespace sg {

QString textOf(std::string_view utf8);
std::string utf8Of(const QString &text);
QString translated(const char *text); // of a literal marked by SG_TR
QString errorText(const Error &error); // with its place in front; instants among its arguments as clockText() has them
QString
withLocalTimes(const QString &text); // the program's own sentence, as a journal keeps it: its instants in UTC as clockText() has them
QString ageText(Micros age); // "42 s", "3 min", "5 h 12 min", "2 d"
// The zone in which people read times: this machine's until another one is chosen. UI thread.
const QTimeZone &displayZone();
void setDisplayZone(const QTimeZone &zone); // an invalid one: this machine's
QString zoneText(); // that zone by name and offset: "Asia/Seoul, UTC+09:00"
QString clockText(Time t); // "14:03:22", with the date when it is not of today
QString clockText(Time t, Micros resolution); // with as many decimals of the second as tell such steps apart
QString spanText(Micros span); // exact enough to measure with: "250 µs", "12.345 ms", "3 min 2.5 s", "2 d 5 h"
QString valueText(double value, const Tag *tag); // decimals of the tag, else about five digits; an em dash for NaN
QString valueText(const SeriesRow &row);
QString rateText(double perSecond);
QString byteRateText(double perSecond); // "640 B/s", "1.2 MB/s"
QString keyText(std::string_view path); // "L1 / P-07", decoded, without source
QString fieldText(std::string_view path);
QString stateText(AlarmState state);
QString shortStateText(AlarmState state); // for a narrow column
QString priorityText(Priority priority);
QString statusText(SourceStatus::State state);

// Old enough that it must not look live: the tag's own time, else a minute.
bool isStale(const SeriesRow &row, Time now);

}
