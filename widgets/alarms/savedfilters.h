#pragma once

#include "items/alarmlists.h"

namespace sg {

// A filter that somebody gave a name, kept in the user's settings: the same in every list and every workspace. UI thread.
struct SavedFilter
{
    QString name;
    AlarmFilter filter;
    AlarmGrouping grouping = AlarmGrouping::None;
};
constexpr qsizetype MostSavedFilters = 30, MostFilterName = 40, MostFilterText = 200;

std::vector<SavedFilter> savedFilters(); // by name
void saveFilter(const SavedFilter &filter); // one of the same name is replaced
void deleteSavedFilter(const QString &name);

}
