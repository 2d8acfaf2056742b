#pragma once

#include "engine/bench.h"
#include "support/fakesession.h"

#include <QDir>
#include <QFile>

namespace sg::test {

// A session on a state file that a test fills by hand: its readings are an evaluator's, its journal lies in the folder. Attached: as if
// the evaluator ran in another process, so that readings are only had out of the folder.
class StoredSession : public FakeSession
{
public:
    explicit StoredSession(const std::string &rules, bool isAttached = false)
        : bench(rules)
        , m_isAttached(isAttached)
    {
        // The folder that an editor reads.
        auto made = bench.workspace();
        made->folder = m_files.path().toStdString();
        auto set = std::make_shared<RuleSet>();
        for (const auto &rule : made->rules->rules) {
            auto own = std::make_shared<Rule>(*rule);
            own->file = "rules/bench.yaml";
            set->rules.push_back(std::move(own));
        }
        made->rules = set;
        if (!QDir(m_files.path()).mkpath(QStringLiteral("rules")))
            qFatal("no folder");
        QFile file(m_files.filePath(QStringLiteral("rules/bench.yaml")));
        if (!file.open(QIODevice::WriteOnly) || file.write(rules.c_str()) < 0)
            qFatal("no file");
        space = made;
        folder = bench.folder();
        m_snapshot = bench.snapshot(0);
    }
    void show(double at) // what was sent is stored and to be seen
    {
        bench.elapse(at);
        bench.commit(at);
        now = Bench::time(at);
        m_snapshot = bench.snapshot(at);
    }

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override { return m_snapshot; }
    [[nodiscard]] SessionLink link() const override
    {
        SessionLink out;
        out.state = m_isAttached ? SessionLink::State::Attached : SessionLink::State::Own;
        out.host = "here";
        return out;
    }

    Bench bench;

private:
    const bool m_isAttached;
    QTemporaryDir m_files;
    std::shared_ptr<const Snapshot> m_snapshot;
};

}
