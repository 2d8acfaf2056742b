#include "items/alarmlists.h"

#include "core/selector.h"
#include "items/texts.h"

#include <algorithm>

namespace sg {

bool isUnacknowledged(AlarmState state)
{
    switch (state) {
    case AlarmState::Unacknowledged:
    case AlarmState::ReturnedUnacknowledged:
    case AlarmState::LatchedUnacknowledged:
        return true;
    case AlarmState::Normal:
    case AlarmState::Acknowledged:
    case AlarmState::LatchedAcknowledged:
    case AlarmState::Shelved:
    case AlarmState::Suppressed:
    case AlarmState::OutOfService:
    case AlarmState::Disabled:
        return false;
    }
    return false;
}

bool isActive(const Regions &regions)
{
    return regions.condition == ConditionRegion::Active || regions.condition == ConditionRegion::PendingOff;
}

ListBits listsOf(const AlarmView &alarm)
{
    ListBits bits = 0;
    const Regions &r = alarm.regions;
    if (r.suppression & Shelved)
        bits |= bitOf(AlarmList::Shelved);
    if (r.suppression & SuppressedByDesign)
        bits |= bitOf(AlarmList::Suppressed);
    if (r.suppression & OutOfServiceFlag)
        bits |= bitOf(AlarmList::OutOfService);
    if (alarm.isChattering)
        bits |= bitOf(AlarmList::Chattering);
    constexpr ListBits active = bitOf(AlarmList::Open) | bitOf(AlarmList::Active),
                       cleared = bitOf(AlarmList::Open) | bitOf(AlarmList::Cleared);
    const auto state = project(r);
    switch (state) {
    case AlarmState::Unacknowledged:
        return bits | active | bitOf(AlarmList::Unacknowledged);
    case AlarmState::Acknowledged:
        return bits | active;
    case AlarmState::ReturnedUnacknowledged:
    case AlarmState::LatchedUnacknowledged:
        return bits | cleared | bitOf(AlarmList::Unacknowledged);
    case AlarmState::LatchedAcknowledged:
        return bits | cleared;
    case AlarmState::Disabled:
        return alarm.rule && alarm.rule->isEnabled ? bits | bitOf(AlarmList::OutOfService) : bits;
    case AlarmState::Normal:
    case AlarmState::Shelved:
    case AlarmState::Suppressed:
    case AlarmState::OutOfService:
        break;
    }
    return bits;
}

bool isOf(Whose whose, const Rule &rule)
{
    switch (rule.audience) {
    case Audience::Operator:
        return whose != Whose::Engineers;
    case Audience::Engineer:
        return whose != Whose::Operators;
    case Audience::Event:
        return true;
    }
    return true;
}

std::string folded(std::string_view utf8)
{
    if (std::any_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return utf8Of(textOf(utf8).toCaseFolded());
    std::string out(utf8);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::vector<std::string> foldedWords(const QString &text)
{
    std::vector<std::string> words;
    for (const auto &word : text.simplified().split(u' ', Qt::SkipEmptyParts))
        words.push_back(folded(utf8Of(word)));
    return words;
}

bool hasWords(std::string_view foldedText, const std::vector<std::string> &words)
{
    return std::all_of(words.begin(), words.end(),
                       [&](const std::string &word) { return foldedText.find(word) != std::string_view::npos; });
}

// The labels that fill the name's places are all in the path, so the name is taken as the rule has it.
std::string searchText(const AlarmView &alarm)
{
    std::string text;
    text.reserve(alarm.rule->name.size() + alarm.path.size() + alarm.rule->id.size() + alarm.area.size() + alarm.notes.size() + 4);
    text.append(alarm.rule->name).append(1, '\n').append(alarm.path).append(1, '\n').append(alarm.rule->id);
    text.append(1, '\n').append(alarm.area).append(1, '\n').append(alarm.notes);
    return alarm.path.find('%') == std::string::npos ? folded(text) : folded(text + '\n' + decodeSegment(alarm.path));
}

}
