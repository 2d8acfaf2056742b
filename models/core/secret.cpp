#include "core/secret.h"

#include "core/platform.h"

namespace sg {

bool isSecretReference(const Node &node)
{
    return node.kind == Node::Kind::Map && node.map.size() == 1 && (node.map[0].first == "env" || node.map[0].first == "file");
}

std::string nameOfSecret(const Node &reference)
{
    if (reference.has("env"))
        return "environment variable " + reference.text("env");
    return "file " + reference.text("file");
}

Result<std::string> readSecret(const Node &reference)
{
    if (!isSecretReference(reference))
        return reference.error(SG_TR("a secret is given by reference only: { env: SG_NAME } or { file: PATH }"));
    if (reference.has("env")) {
        const std::string name = reference.text("env");
        if (!name.starts_with("SG_"))
            return reference.error(SG_TR("the environment variable '%1' of a secret must begin with SG_"), {name});
        std::string value = environment(name.c_str());
        if (value.empty())
            return reference.error(SG_TR("the environment variable %1 is not set; set it before Sightglass starts"), {name});
        return value;
    }
    auto text = readFile(reference.text("file"), 65536);
    if (!text)
        return text.error();
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
        text->pop_back();
    return text;
}

std::string withoutSecret(std::string text, std::string_view secret)
{
    constexpr std::string_view stars = "***";
    if (secret.size() >= stars.size()) {
        for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += stars.size())
            text.replace(at, secret.size(), stars);
    }
    return text;
}

}
