#pragma once

#include "items/rulesentence.h"
#include "widgets/rules/ruledraft.h"

#include <QString>

namespace sg {

class Desk;

// What a draft watches of what is known now.
struct Watched
{
    std::vector<SeriesId> series; // in number order, at most MostWatched
    bool haveOneUnit = true;
    SentenceSubject subject;
};
constexpr std::size_t MostWatched = 100'000;

Watched watchedBy(const RuleDraft &draft, Desk &desk); // UI thread
// What a sentence needs, by the first series that is watched: for many rules at once.
SentenceSubject subjectOf(const Rule &rule, Desk &desk);
// "Watches 12 series: Press P-01 temperature, Press P-02 temperature, Press P-03 temperature and 9 more."
QString watchedText(const Watched &watched, Desk &desk);
QString seriesName(Desk &desk, SeriesId id);

}
