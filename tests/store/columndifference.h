#pragma once

#include "store/columns.h"

#include <QString>

namespace sg {

// Where two answers to one column query differ, in words; empty when they do not.
inline QString difference(const Columns &a, const Columns &b)
{
    const auto isSame = [](const std::optional<Row> &x, const std::optional<Row> &y) {
        return x.has_value() == y.has_value() && (!x || (x->t == y->t && x->value == y->value));
    };
    if (a.samples != b.samples || a.rows.size() != b.rows.size() || a.columns.size() != b.columns.size())
        return QStringLiteral("samples %1 %2, rows %3 %4").arg(a.samples).arg(b.samples).arg(a.rows.size()).arg(b.rows.size());
    if (!isSame(a.before, b.before) || !isSame(a.after, b.after) || a.gapAfter != b.gapAfter)
        return QStringLiteral("before or after");
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        const Column &x = a.columns[i];
        const Column &y = b.columns[i];
        if (x.first != y.first || x.last != y.last || x.min != y.min || x.max != y.max || x.samples != y.samples || x.rows != y.rows
            || x.worst != y.worst || x.hasLate != y.hasLate || x.breaksBefore != y.breaksBefore || x.endsInGap != y.endsInGap)
            return QStringLiteral("column %1: first %2 %3, last %4 %5, samples %6 %7, rows %8 %9, breaks %10 %11, late %12 %13")
                .arg(i)
                .arg(x.first)
                .arg(y.first)
                .arg(x.last)
                .arg(y.last)
                .arg(x.samples)
                .arg(y.samples)
                .arg(x.rows)
                .arg(y.rows)
                .arg(x.breaksBefore)
                .arg(y.breaksBefore)
                .arg(x.hasLate)
                .arg(y.hasLate);
    }
    return {};
}

}
