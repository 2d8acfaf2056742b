#include "workspace/consent.h"

#include "core/platform.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/weburl.h"

#include <QCryptographicHash>

#include <algorithm>
#include <array>
#include <filesystem>

namespace sg {

namespace {

constexpr std::size_t HashDigits = 40, MostKept = 100'000;
constexpr std::string_view Heading = "sightglass consent 1";

void addUnique(std::vector<std::string> &names, std::string name)
{
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
}

std::string placeOf(const std::string &url)
{
    const std::string place = placeOfUrl(url);
    return place.empty() ? url : place;
}

// Every reference to a secret, wherever it stands, and private keys that lie outside of the workspace.
void collectSecrets(const Node &node, std::vector<std::string> &out)
{
    if (isSecretReference(node)) {
        addUnique(out, nameOfSecret(node));
        return;
    }
    for (const Node &item : node.list)
        collectSecrets(item, out);
    for (const auto &[key, value] : node.map) {
        if (value.kind == Node::Kind::Scalar && std::filesystem::path(value.scalar).is_absolute()
            && (key == "key" || key == "ssl.key.location"))
            addUnique(out, "file " + value.scalar);
        collectSecrets(value, out);
    }
}

using Guard = Access::Guard;
constexpr std::array GuardWords{"plain", "any certificate", "any name", "checked"}; // in the file, by Guard

std::string lower(std::string text)
{
    for (char &c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return text;
}

Guard guardOfUrl(const std::string &url)
{
    const std::string scheme = lower(url.substr(0, std::min(url.find("://"), url.size())));
    return scheme == "https" || scheme == "ssl" || scheme == "mqtts" || scheme == "wss" ? Guard::Checked : Guard::Plain;
}

// Of PostgreSQL: what prefer and allow may fall back to, somebody in between can make them fall back to.
Guard guardOfSslmode(const Node &settings)
{
    if (settings.text("host").starts_with('/')) // a socket of this machine
        return Guard::Checked;
    const std::string mode = settings.text("sslmode", settings.has("ca") ? "verify-full" : "prefer");
    return mode == "verify-full" ? Guard::Checked
        : mode == "verify-ca"    ? Guard::AnyName
        : mode == "require"      ? Guard::AnyCertificate
                                 : Guard::Plain;
}

// Of Kafka, with librdkafka's ways to write a bool.
Guard guardOfProperties(const Node &properties)
{
    if (!lower(properties.text("security.protocol")).ends_with("ssl"))
        return Guard::Plain;
    const std::string verifies = lower(properties.text("enable.ssl.certificate.verification", "true"));
    return verifies == "true" || verifies == "t" || verifies == "1" ? Guard::Checked : Guard::AnyCertificate;
}

struct Host
{
    std::string name;
    Guard guard;
};

// Keys that name a server are few and the same for all kinds; a URL may also stand among properties (an OAuth server's).
void collectHosts(const std::string &kind, const Node &settings, std::vector<Host> &out)
{
    for (const auto &[key, value] : settings.map) {
        if (key == "host") {
            const Guard guard = kind == "postgres"    ? guardOfSslmode(settings)
                : settings.text("security") == "none" ? Guard::Plain
                                                      : Guard::Checked;
            out.push_back({value.scalar + (settings.has("port") ? ":" + settings.text("port") : ""), guard});
        } else if (key == "brokers" || key == "broker" || key == "url" || key.ends_with(".url")) {
            if (isSecretReference(value)) // whoever knows the address decides how it is guarded
                out.push_back({"the address in " + nameOfSecret(value), Guard::Checked});
            for (const std::string &text : readTexts(value))
                out.push_back({placeOf(text), key == "brokers" ? guardOfProperties(settings["properties"]) : guardOfUrl(text)});
        } else if (key == "properties") {
            collectHosts(kind, value, out);
        }
    }
}

void add(const std::string &kind, const Node &settings, std::vector<Access> &out)
{
    std::vector<Host> hosts;
    std::vector<std::string> secrets;
    collectHosts(kind, settings, hosts);
    collectSecrets(settings, secrets);
    for (const auto &[host, guard] : hosts) {
        if (secrets.empty())
            out.push_back({host, {}, guard});
        for (const std::string &secret : secrets)
            out.push_back({host, secret, guard});
    }
}

std::string fileFor(const std::string &workspaceFolder)
{
    return stateHome() + "/consent/" + std::filesystem::path(stateFolderFor(workspaceFolder)).filename().string();
}

std::string canonical(const std::string &folder)
{
    std::error_code failed;
    const auto path = std::filesystem::canonical(folder, failed);
    return failed ? folder : path.string();
}

// One access a line, its texts apart by tabs; bytes that would break the line are escaped.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '%')
            out += "%" + hex(static_cast<unsigned char>(c)).substr(14);
        else
            out += c;
    }
    return out;
}

std::string lineOf(const Access &access)
{
    return escaped(access.host) + "\t" + escaped(access.secret) + "\t" + GuardWords[static_cast<std::size_t>(access.guard)];
}

// Its texts stay escaped.
std::optional<Access> accessIn(std::string_view line)
{
    const std::size_t first = line.find('\t'), last = line.rfind('\t');
    if (first == last)
        return std::nullopt;
    const auto word = std::find(GuardWords.begin(), GuardWords.end(), line.substr(last + 1));
    if (word == GuardWords.end())
        return std::nullopt;
    return Access{std::string(line.substr(0, first)), std::string(line.substr(first + 1, last - first - 1)),
                  static_cast<Guard>(word - GuardWords.begin())};
}

// Lines as they were kept. A file of another workspace, or one that cannot be read, holds no consent.
std::set<std::string> keptLines(const std::string &workspaceFolder)
{
    std::set<std::string> out;
    const auto text = readFile(fileFor(workspaceFolder));
    if (!text)
        return out;
    std::string_view rest = *text;
    const auto next = [&rest] {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return line;
    };
    if (next() != Heading || next() != escaped(canonical(workspaceFolder)))
        return out;
    while (!rest.empty() && out.size() < MostKept)
        if (const std::string_view line = next(); !line.empty())
            out.emplace(line);
    return out;
}

}

std::vector<Error> resolveSecrets(const std::string &workspaceFolder, Node &settings)
{
    std::vector<Error> out;
    const auto resolve = [&](Node &node) {
        auto more = resolveSecrets(workspaceFolder, node);
        std::move(more.begin(), more.end(), std::back_inserter(out));
    };
    if (isSecretReference(settings)) {
        auto &[key, name] = settings.map.front();
        if (name.kind != Node::Kind::Scalar || name.scalar.empty())
            out.push_back(settings.error(SG_TR("a secret is given by reference only: { env: SG_NAME } or { file: PATH }")));
        else if (key == "env" && !name.scalar.starts_with("SG_"))
            out.push_back(name.error(SG_TR("the environment variable '%1' of a secret must begin with SG_"), {shown(name.scalar)}));
        else if (key == "file" && !workspaceFolder.empty() && std::filesystem::path(name.scalar).is_relative())
            name.scalar = (std::filesystem::path(workspaceFolder) / name.scalar).lexically_normal().string();
        return out;
    }
    for (Node &item : settings.list)
        resolve(item);
    for (auto &[key, value] : settings.map)
        if (key != "body") // the receiver's words, and none of ours
            resolve(value);
    return out;
}

std::vector<Access> accessesOf(const SourceSpec &target)
{
    std::vector<Access> out;
    add(target.kind, target.settings, out);
    add("registry", target.registry, out);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<Demand> demandsOf(const Workspace &workspace)
{
    std::map<Access, std::vector<std::string>> all;
    const auto collect = [&](const SourceSpec &target, const char *what) {
        for (const Access &access : accessesOf(target))
            addUnique(all[access], what + (" " + target.id));
    };
    for (const SourceSpec &source : workspace.sources)
        collect(source, "source");
    for (const RouteSpec &route : workspace.routes.routes)
        collect(route.target, "route");
    for (const HeartbeatSpec &heartbeat : workspace.routes.heartbeats)
        collect(heartbeat.target, "heartbeat");
    std::vector<Demand> out;
    for (auto &[access, by] : all)
        out.push_back({access, std::move(by)});
    return out;
}

std::string trustHash(const std::vector<Demand> &demands)
{
    if (demands.empty())
        return {};
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const Demand &demand : demands) {
        const std::string line = lineOf(demand.access) + "\n";
        hash.addData(QByteArray(line.data(), static_cast<qsizetype>(line.size())));
    }
    return hash.result().toHex().toStdString().substr(0, HashDigits);
}

Error sentenceOf(const Access &access)
{
    const Error what = access.secret.empty() ? Error{SG_TR("%1, without a secret"), {shown(access.host)}, {}}
                                             : Error{SG_TR("%1 with %2"), {shown(access.host), shown(access.secret)}, {}};
    switch (access.guard) {
    case Guard::Plain:
        return {SG_TR("%1, not encrypted"), {what.plain()}, {}};
    case Guard::AnyCertificate:
        return {SG_TR("%1, its certificate not checked"), {what.plain()}, {}};
    case Guard::AnyName:
        return {SG_TR("%1, the name in its certificate not checked"), {what.plain()}, {}};
    case Guard::Checked:
        return what;
    }
    return what;
}

Consents Consents::toAll()
{
    Consents out;
    out.m_isToAll = true;
    return out;
}

Consents Consents::keptFor(const Workspace &workspace)
{
    Consents out;
    const std::string said = environment("SIGHTGLASS_TRUST");
    const std::vector<Demand> demands = demandsOf(workspace);
    if (said == "any" || (!said.empty() && said == trustHash(demands)))
        return toAll();
    const std::set<std::string> lines = keptLines(workspace.folder);
    for (const std::string &line : lines)
        if (auto access = accessIn(line))
            out.m_given.insert(*std::move(access));
    return out;
}

bool Consents::covers(const Access &access) const
{
    if (m_isToAll)
        return true;
    const std::string host = escaped(access.host), secret = escaped(access.secret);
    for (auto given = m_given.lower_bound({host, {}, Guard::Plain}); given != m_given.end() && given->host == host; ++given)
        if ((secret.empty() || given->secret == secret) && given->guard <= access.guard)
            return true;
    return false;
}

std::optional<Error> Consents::whyItWaits(const SourceSpec &target) const
{
    for (const Access &access : accessesOf(target))
        if (!covers(access))
            return Error{SG_TR("waits for consent: it would connect to %1; agree in the window, or with sightglass-agent run --trust HASH"),
                         {sentenceOf(access).plain()},
                         {}};
    return std::nullopt;
}

std::vector<Demand> Consents::missing(const Workspace &workspace) const
{
    std::vector<Demand> out = demandsOf(workspace);
    std::erase_if(out, [this](const Demand &demand) { return covers(demand.access); });
    return out;
}

Result<Done> trust(const std::string &workspaceFolder, const std::vector<Access> &accesses)
{
    const std::string file = fileFor(workspaceFolder);
    if (auto made = makeFolder(std::filesystem::path(file).parent_path().string()); !made)
        return made;
    std::set<std::string> lines = keptLines(workspaceFolder);
    for (const Access &access : accesses)
        lines.insert(lineOf(access));
    std::string text = std::string(Heading) + "\n" + escaped(canonical(workspaceFolder)) + "\n";
    for (const std::string &line : lines)
        text += line + "\n";
    if (auto written = writeFileAtomically(file, text); !written)
        return written;
    std::error_code failed; // the folder is private in any case
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    return Done();
}

}
