#include "alarms/measures/kinds.h"

#include "core/fields.h"

namespace sg {

std::span<const MeasureKind> measureKinds()
{
    static const MeasureKind kinds[]
        = {windowKind(), rateOfChangeKind(), deviationKind(), ratioKind(), countKind(), qualityKind(), lagKind()};
    return kinds;
}

const MeasureKind *measureKind(std::string_view name)
{
    for (const MeasureKind &kind : measureKinds())
        if (name == kind.name)
            return &kind;
    return nullptr;
}

void checkIsPositive(const Node &settings, const char *key, std::vector<Error> &out)
{
    const Node &node = settings[key];
    if (node.isMissing())
        return;
    if (const auto duration = readDuration(node, key); duration && *duration <= Micros{0})
        out.push_back(node.error(SG_TR("%1: '%2' is not longer than 0"), {key, node.scalar}));
}

}
