#include "widgets/alarms/savedfilters.h"

#include "widgets/main/usersettings.h"

namespace sg {

namespace {

const QString Group = QStringLiteral("alarms/filters");

void write(const std::vector<SavedFilter> &filters)
{
    auto settings = userSettings();
    settings.remove(Group);
    settings.beginWriteArray(Group, static_cast<int>(filters.size()));
    for (std::size_t i = 0; i < filters.size(); ++i) {
        settings.setArrayIndex(static_cast<int>(i));
        settings.setValue(QStringLiteral("name"), filters[i].name);
        settings.setValue(QStringLiteral("area"), filters[i].filter.area);
        settings.setValue(QStringLiteral("least"), static_cast<int>(filters[i].filter.least));
        settings.setValue(QStringLiteral("text"), filters[i].filter.text);
        settings.setValue(QStringLiteral("grouping"), static_cast<int>(filters[i].grouping));
    }
    settings.endArray();
}

}

// The file may have been edited by hand: what cannot be read is left out.
std::vector<SavedFilter> savedFilters()
{
    auto settings = userSettings();
    std::vector<SavedFilter> out;
    const auto count = std::min<qsizetype>(settings.beginReadArray(Group), MostSavedFilters);
    for (qsizetype i = 0; i < count; ++i) {
        settings.setArrayIndex(static_cast<int>(i));
        const auto least = settings.value(QStringLiteral("least")).toInt(), grouping = settings.value(QStringLiteral("grouping")).toInt();
        SavedFilter one;
        one.name = settings.value(QStringLiteral("name")).toString().left(MostFilterName).simplified();
        one.filter.area = settings.value(QStringLiteral("area")).toString();
        one.filter.text = settings.value(QStringLiteral("text")).toString().left(MostFilterText);
        if (one.name.isEmpty() || least < 0 || least > static_cast<int>(Priority::Urgent) || grouping < 0
            || grouping > static_cast<int>(AlarmGrouping::Source))
            continue;
        one.filter.least = static_cast<Priority>(least);
        one.grouping = static_cast<AlarmGrouping>(grouping);
        out.push_back(std::move(one));
    }
    settings.endArray();
    std::sort(out.begin(), out.end(),
              [](const SavedFilter &a, const SavedFilter &b) { return QString::localeAwareCompare(a.name, b.name) < 0; });
    return out;
}

void saveFilter(const SavedFilter &filter)
{
    auto filters = savedFilters();
    std::erase_if(filters, [&](const SavedFilter &one) { return one.name == filter.name; });
    if (static_cast<qsizetype>(filters.size()) < MostSavedFilters)
        filters.push_back(filter);
    write(filters);
}

void deleteSavedFilter(const QString &name)
{
    auto filters = savedFilters();
    std::erase_if(filters, [&](const SavedFilter &one) { return one.name == name; });
    write(filters);
}

}
