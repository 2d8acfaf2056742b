#include "catalog/catalog.h"

#include "core/platform.h"
#include "state/statefile.h"

#include "connectors/demo/demosource.h"
#include "connectors/kafka/kafkasender.h"
#include "connectors/kafka/kafkasource.h"
#include "connectors/mqtt/mqttsender.h"
#include "connectors/mqtt/mqttsource.h"
#include "connectors/postgres/postgressource.h"
#include "connectors/web/mail.h"
#include "connectors/web/registry.h"
#include "connectors/web/webhook.h"
#include "resources/demofiles.h"

#include <filesystem>

namespace sg {

const SourceCatalog &sourceCatalog()
{
    static const SourceCatalog catalog = [] {
        setSchemasMaker(makeRegistry); // models know no network: they are told how a registry is reached
        SourceCatalog kinds;
        for (const SourceKind &kind : {demoKind(), kafkaKind(), mqttKind(), postgresKind()})
            kinds.emplace(kind.name, kind);
        return kinds;
    }();
    return catalog;
}

const SenderCatalog &senderCatalog()
{
    static const SenderCatalog catalog = [] {
        SenderCatalog kinds;
        for (const SenderKind &kind : {httpSender(), smtpSender(), mqttSender(), kafkaSender()})
            kinds.emplace(kind.name, kind);
        return kinds;
    }();
    return catalog;
}

Result<std::string> demoFolder()
{
    const std::string folder = stateHome() + "/demo-plant";
    for (const DemoFile &file : demoFiles()) {
        const std::filesystem::path path = std::filesystem::path(folder) / std::string(file.path);
        std::error_code error;
        if (std::filesystem::exists(path, error))
            continue;
        if (auto made = makeFolder(path.parent_path().string()); !made)
            return made.error();
        if (auto written = writeFileAtomically(path.string(), file.text); !written)
            return written.error();
    }
    return folder;
}

Result<std::shared_ptr<const Workspace>> openWorkspace(const std::string &folder, const std::string &stateFolder)
{
    std::string where = folder;
    if (folder.empty()) {
        auto demo = demoFolder();
        if (!demo)
            return demo.error();
        where = *demo;
    }
    std::map<std::string, std::string> lastValid;
    std::map<std::string, std::vector<std::string>> knownPaths;
    if (const auto reader = StateReader::open(stateFolder.empty() ? stateFolderFor(where) : stateFolder)) {
        if (auto texts = (*reader)->ruleTexts())
            lastValid = std::move(*texts);
        if (auto paths = (*reader)->knownPaths())
            knownPaths = std::move(*paths);
    }
    auto workspace = readWorkspace(where, sourceCatalog(), lastValid);
    if (!workspace)
        return workspace.error();
    refuseChangedPaths(*workspace, knownPaths);
    workspace->isDemo
        = std::any_of(workspace->sources.begin(), workspace->sources.end(), [](const SourceSpec &s) { return s.kind == "demo"; });
    return std::shared_ptr<const Workspace>(std::make_shared<Workspace>(std::move(*workspace)));
}

}
