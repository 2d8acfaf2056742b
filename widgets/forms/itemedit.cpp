#include "widgets/forms/itemedit.h"

namespace sg {

namespace {

std::string topOf(const std::string &path)
{
    return path.substr(0, path.find('/'));
}

FormValues below(const FormValues &values, const std::string &top)
{
    FormValues out;
    for (const auto &value : values)
        if (topOf(value.first) == top)
            out.push_back(value);
    return out;
}

// "{ limit: 80, deadband: 2 }" of the values of one key.
std::string valueOf(const FormValues &values)
{
    return yamlOf(values).substr(topOf(values.front().first).size() + 2);
}

}

TextEdit editBetween(const std::string &file, const std::string &before, const std::string &after)
{
    std::size_t head = 0;
    while (head < before.size() && head < after.size() && before[head] == after[head])
        ++head;
    std::size_t tail = 0;
    while (tail < before.size() - head && tail < after.size() - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
        ++tail;
    TextEdit edit;
    edit.file = file;
    edit.at = head;
    edit.before = before.substr(head, before.size() - head - tail);
    edit.after = after.substr(head, after.size() - head - tail);
    return edit;
}

Result<TextEdit> changeItem(const std::string &file, const std::string &text, const std::string &list, const std::string &id,
                            const FormValues &before, const FormValues &after)
{
    auto now = text;
    const auto apply = [&now](const Result<TextEdit> &edit) -> std::optional<Error> {
        if (!edit)
            return edit.error();
        now.replace(edit->at, edit->before.size(), edit->after);
        return std::nullopt;
    };
    std::vector<std::string> tops;
    for (const auto *values : {&before, &after})
        for (const auto &[path, value] : *values)
            if (std::find(tops.begin(), tops.end(), topOf(path)) == tops.end())
                tops.push_back(topOf(path));
    for (const auto &top : tops) {
        const auto was = below(before, top), is = below(after, top);
        std::optional<Error> failed;
        if (was == is)
            continue;
        if (is.empty()) {
            failed = apply(removeKey(file, now, list, id, top));
        } else if (was.empty()) {
            failed = apply(setValue(file, now, list, id, top, valueOf(is)));
        } else {
            // Only what differs, so that comments inside a map stay.
            for (const auto &[path, value] : is)
                if (const auto old
                    = std::find_if(was.begin(), was.end(), [&path = path](const auto &entry) { return entry.first == path; });
                    !failed && (old == was.end() || old->second != value))
                    failed = apply(setValue(file, now, list, id, path, value));
            for (const auto &[path, value] : was)
                if (!failed && std::none_of(is.begin(), is.end(), [&path = path](const auto &entry) { return entry.first == path; }))
                    failed = apply(removeKey(file, now, list, id, path));
        }
        if (failed)
            return *failed;
    }
    return editBetween(file, text, now);
}

std::function<Result<TextEdit>(const std::string &text)> addRuleItem(const std::string &file, const std::string &item)
{
    return [file, item](const std::string &text) -> Result<TextEdit> {
        if (!text.empty())
            return addItem(file, text, "rules", item);
        TextEdit made;
        made.file = file;
        made.after = "format: 1\nrules:\n  - ";
        for (const auto c : item)
            made.after += c == '\n' ? std::string("\n    ") : std::string(1, c);
        made.after += '\n';
        return made;
    };
}

}
