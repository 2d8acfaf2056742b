#include "decode/listlook.h"

namespace sg {

namespace {

bool isCalled(const PlaceSeen &place, std::initializer_list<std::string_view> any)
{
    const auto words = wordsOf(place.tokens.empty() ? std::string() : place.tokens.back());
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string &word) { return std::find(any.begin(), any.end(), word) != any.end(); });
}

}

ListLook lookAtList(const PlaceStats &stats, const RoleGuess &roles)
{
    ListLook list;
    list.pointer = stats.lists.begin()->first;
    list.isAll = stats.lists.begin()->second == stats.messages;
    std::optional<std::size_t> name, value;
    std::string fields;
    for (std::size_t i = 0; i < stats.places.size(); ++i) {
        const PlaceSeen &place = stats.places[i];
        const PlaceGuess &guess = roles.places[i];
        const bool isField = guess.role == PlaceGuess::Role::Field;
        if (!place.isItem) {
            list.isAll = list.isAll && !(isField && guess.kind == PlaceGuess::Kind::Number);
            continue;
        }
        if (!name && place.texts > 0
            && isCalled(place, {"tag", "name", "point", "id", "signal", "channel", "n", "key", "measure", "metric", "field"}))
            name = i;
        else if (!value && isCalled(place, {"v", "val", "value", "reading"}))
            value = i;
        if (isField)
            fields += (fields.empty() ? "" : ", ") + flowText(guess.name) + ": " + guess.rule;
    }
    if (name && value)
        list.reads = "reading: { field: " + flowText(stats.places[*name].where) + ", value: " + flowText(stats.places[*value].where) + " }";
    else if (!fields.empty())
        list.reads = "fields: { " + fields + " }";
    if (list.pointer.empty())
        list.reads.clear(); // the document itself is the list, which no pointer names
    list.isAll = list.isAll && !list.reads.empty();
    return list;
}

}
