#pragma once

#include "workspace/workspace.h"

#include <set>

// A workspace may come from anybody. Which servers it would reach, and with which secrets, is listed and agreed to before anything
// connects; what was agreed to is kept on this machine and never in the workspace.
namespace sg {

// Names of secrets are checked here, where none is read yet, wherever in the settings they stand: `{ env: NAME }` begins with SG_, and the
// path of a `{ file: PATH }`, which may lie outside, becomes absolute: it is named from the workspace on, not from where the program runs.
std::vector<Error> resolveSecrets(const std::string &workspaceFolder, Node &settings);

// One server that a source, a route or a heartbeat would reach, with one secret or none.
struct Access
{
    std::string host; // as the workspace writes it, without what follows host and port: "127.0.0.1:9092", "https://mail.example"
    std::string secret; // nameOfSecret(), "file PATH" of a private key outside the workspace; empty: without
    // What keeps others from listening or from posing as that server, as the settings say. From weakest to strongest.
    enum class Guard : std::uint8_t { Plain, AnyCertificate, AnyName, Checked };
    Guard guard = Guard::Checked;

    auto operator<=>(const Access &) const = default;
};

// Sorted, none twice; empty: it reaches nothing, as the demo plant does. `target` as readWorkspace() gives it: connections merged in.
std::vector<Access> accessesOf(const SourceSpec &target);

// One line of the list that a person is asked about.
struct Demand
{
    Access access;
    std::vector<std::string> by; // "source press", "route night-shift"
};
std::vector<Demand> demandsOf(const Workspace &workspace); // sorted by access
std::string trustHash(const std::vector<Demand> &demands); // of exactly this list of accesses; 40 digits, SHA-256; "" of none
Error sentenceOf(const Access &access); // "127.0.0.1:9092 with environment variable SG_KAFKA, not encrypted"

// What was agreed to for one workspace. A value; thread-safe to read.
class Consents
{
public:
    static Consents toAll(); // of a program that asks nobody, such as a test
    // As kept on this machine, and what SIGHTGLASS_TRUST says: the hash of this workspace's list, or "any".
    static Consents keptFor(const Workspace &workspace);

    // Also when what was agreed to had a secret more, or was guarded less.
    [[nodiscard]] bool covers(const Access &access) const;
    // Nothing, or the sentence that stands for a source or a route that waits.
    [[nodiscard]] std::optional<Error> whyItWaits(const SourceSpec &target) const;
    [[nodiscard]] std::vector<Demand> missing(const Workspace &workspace) const;

private:
    bool m_isToAll = false;
    std::set<Access> m_given;
};

// Keeps that somebody who saw these agreed to them: of the wizard's Save, the dialog, and `--trust HASH`. Durable when it returns.
Result<Done> trust(const std::string &workspaceFolder, const std::vector<Access> &accesses);

}
