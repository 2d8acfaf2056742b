#include "workspace/registry.h"

namespace sg {

namespace {

constexpr Field RegistryFields[] = {
    {"url", FieldType::Text, true, "", "", SG_TR("Address"), SG_TR("https://host:port of the schema registry.")},
    {"user", FieldType::Text, false, "", "", SG_TR("User"), SG_TR("Of basic authentication.")},
    {"password", FieldType::Secret, false, "", "", SG_TR("Password"), SG_TR("Where it is kept, never itself.")},
    {"ca", FieldType::Path, false, "", "", SG_TR("Certificate authority"), SG_TR("PEM file inside the workspace.")},
};

}

Fields registryFields()
{
    return RegistryFields;
}

bool readRegistry(Reading &reading, SourceSpec &spec)
{
    for (const auto &[format, body] : spec.declaration["decode"].map) {
        if (format != "avro" && format != "protobuf")
            continue;
        const Node &use = body["use"];
        if (use.isMissing())
            continue; // the source's own check tells it
        Node own;
        own.kind = Node::Kind::Map;
        own.map.emplace_back("use", use);
        auto settings = mergedSettings(reading, own, "registry");
        if (!settings) {
            reading.add(settings.error());
            return false;
        }
        spec.registry = *std::move(settings);
        spec.registry.file = use.file;
        spec.registry.line = use.line;
        return reading.add(check(spec.registry, RegistryFields))
            && reading.add(checkPaths(reading.workspace.folder, spec.registry, RegistryFields));
    }
    return true;
}

}
