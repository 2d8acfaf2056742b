#pragma once

#include "engine/bench.h"
#include "support/fakesession.h"

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
        auto made = bench.workspace();
        made->folder = "/nowhere";
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
    std::shared_ptr<const Snapshot> m_snapshot;
};

}
