#include "agent/arguments.h"

#include "core/fields.h"

namespace sg {

Result<Arguments> parseArguments(int count, char **texts, const std::vector<Option> &options)
{
    Arguments out;
    for (int i = 0; i < count; ++i) {
        const std::string text = texts[i];
        if (!text.starts_with("--") || text.size() == 2) {
            out.rest.push_back(text);
            continue;
        }
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        const Option *known = nullptr;
        std::vector<std::string> names;
        for (const Option &option : options) {
            names.emplace_back(option.name);
            if (name == option.name)
                known = &option;
        }
        if (known == nullptr) {
            const std::string nearest = nearestName(name, names);
            if (nearest.empty())
                return Error{SG_TR("unknown option %1"), {name}, {}};
            return Error{SG_TR("unknown option %1; did you mean %2?"), {name, nearest}, {}};
        }
        if (*known->value == '\0') {
            out.values[name] = "true";
        } else if (equals != std::string::npos) {
            out.values[name] = text.substr(equals + 1);
        } else if (i + 1 < count) {
            out.values[name] = texts[++i];
        } else {
            return Error{SG_TR("%1 needs a value: %1 %2"), {name, known->value}, {}};
        }
    }
    return out;
}

}
