#include "widgets/main/statetexts.h"

#include "items/texts.h"

namespace sg {

StateTexts::StateTexts(SnapshotFeed &feed)
{
    connect(&feed, &SnapshotFeed::changed, this, [this](const SnapshotPtr &before, const SnapshotPtr &after) {
        after->series.changedSince(before->series, [&](std::size_t begin, std::size_t end) {
            for (auto i = begin; i < end; ++i)
                if (const auto &row = after->series.at(i); row.kind == ValueKind::State && row.text && std::isfinite(row.value))
                    m_texts.try_emplace(row.value, *row.text);
        });
    });
}

QString StateTexts::of(double code) const
{
    const auto known = m_texts.find(code);
    return known != m_texts.end() ? textOf(known->second) : tr("state %1").arg(code);
}

}
