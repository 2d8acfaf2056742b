#include "decode/kindlook.h"

namespace sg {

namespace {

constexpr std::size_t MostKinds = 20; // that one place tells

// Each of its values goes with one set of names, and there is more than one such set.
bool tellsKinds(const PlaceStats &stats, std::size_t i)
{
    const PlaceSeen &place = stats.places[i];
    if (place.values.size() < 2 || place.values.size() > MostKinds || place.messages != stats.messages || place.isItem
        || !(place.where.starts_with('/') || place.where.starts_with("header:")))
        return false;
    std::map<std::string_view, std::uint64_t> names;
    std::set<std::uint64_t> forms;
    for (const auto &shape : stats.shapes) {
        const auto text = shape.texts.find(i);
        if (text == shape.texts.end() || names.emplace(text->second, shape.names).first->second != shape.names)
            return false;
        forms.insert(shape.names);
    }
    return forms.size() > 1;
}

std::string fieldsOf(const PlaceStats &stats, const RoleGuess &roles, std::size_t kind, const std::string &value)
{
    std::set<std::size_t> places;
    for (const auto &shape : stats.shapes)
        if (const auto text = shape.texts.find(kind); text != shape.texts.end() && text->second == value)
            places.insert(shape.places.begin(), shape.places.end());
    std::string fields;
    for (const std::size_t i : places)
        if (i != kind && roles.places[i].role == PlaceGuess::Role::Field)
            fields += (fields.empty() ? "" : ", ") + flowText(roles.places[i].name) + ": " + roles.places[i].rule;
    return fields;
}

}

std::optional<KindLook> lookAtKinds(const PlaceStats &stats, const RoleGuess &roles)
{
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < stats.places.size(); ++i)
        if (tellsKinds(stats, i) && (!best || stats.places[i].values.size() < stats.places[*best].values.size()))
            best = i;
    if (!best)
        return std::nullopt;
    KindLook look{*best, {}};
    const PlaceSeen &place = stats.places[*best];
    std::string cases;
    for (const std::string &value : place.values)
        if (const std::string fields = fieldsOf(stats, roles, *best, value); !fields.empty())
            cases += "{ when: { " + flowText(place.where) + ": " + flowText(value) + " }, fields: { " + fields + " } }, ";
    if (!cases.empty())
        look.cases = "count_by: " + flowText(place.where) + ", cases: [" + cases + "{ else: ignore }]";
    return look;
}

}
