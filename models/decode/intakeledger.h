#pragma once

#include "core/lane.h"
#include "decode/framing.h"
#include "decode/message.h"
#include "decode/textdictionary.h"

#include <map>

namespace sg {

// What went wrong in an Intake: counts, the newest error with its payload, standing remarks. All of it bounded.
class IntakeLedger
{
public:
    // Counts and keeps it; gives the error back to be returned.
    Error bad(const Message &message, Error error);
    Error missingLabel(const Message &message, const std::string &label);
    Error framed(const Framing &framing); // registry framing: told once, counted apart
    void ignoredTombstone() { ++m_tombstones; }
    void remark(Error note); // once each
    void countKind(std::optional<std::string_view> kind); // a message of it; nothing: it has none
    void describe(SourceStatus &status, const std::string &countedBy) const;

private:
    void describeKinds(SourceStatus &status, const std::string &countedBy) const;

    std::uint64_t m_errors = 0;
    std::optional<Error> m_last;
    std::string m_lastPayload;
    std::map<std::string, std::uint64_t> m_missing; // by label: as many as the path has
    std::map<std::uint32_t, const char *> m_schemas; // with the name of their format // the first few
    std::uint64_t m_framed = 0;
    std::uint64_t m_tombstones = 0;
    std::vector<Error> m_remarks;
    TextMap<std::uint64_t> m_kinds; // bounded; messages of each
    std::uint64_t m_ofOtherKinds = 0; // beyond the bound
    std::uint64_t m_ofNoKind = 0;
};

}
