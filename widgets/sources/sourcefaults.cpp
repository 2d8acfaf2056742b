#include "widgets/sources/sourcefaults.h"

#include "decode/intake.h"
#include "items/texts.h"

#include <QRegularExpression>

namespace sg {

std::vector<Error> sourceFaults(const Workspace &workspace, const SourceKind *kind, const std::string &id, const std::string &change,
                                const Result<SourceSpec> &made)
{
    static const QRegularExpression idForm(QStringLiteral("^[a-z][a-z0-9_-]*$"));
    std::vector<Error> faults;
    if (!idForm.match(textOf(id)).hasMatch())
        faults.push_back({SG_TR("The id begins with a small letter; then small letters, digits, - and _."), {}, {}});
    const auto &sources = workspace.sources;
    if (id != change && std::any_of(sources.begin(), sources.end(), [&](const SourceSpec &there) { return there.id == id; }))
        faults.push_back({SG_TR("There is a source '%1' already."), {id}, {}});
    if (!made)
        faults.push_back(made.error());
    if (!made || kind == nullptr)
        return faults;
    for (auto &fault : check(made->settings, kind->fields))
        faults.push_back(std::move(fault));
    if (faults.empty() && kind->check != nullptr)
        for (auto &fault : kind->check(*made))
            faults.push_back(std::move(fault));
    if (faults.empty())
        for (auto &fault : Intake::check(*made))
            faults.push_back(std::move(fault));
    return faults;
}

}
