#pragma once

#include "core/browse.h"
#include "core/source.h"
#include "widgets/main/posting.h"
#include "widgets/tune/longwork.h"

class QThreadPool;

namespace sg {

// For what waits for servers and does little else: there may be many of them, and the query pool and its charts never wait for one.
QThreadPool &browseThreads();

// One look into a server, on a thread that may wait for the network. Each look has a connection of its own; a new one stops the one
// before, whose answer is dropped. stop() ends a look early, which still answers with what it has. UI thread, but for the work itself.
class BrowseRun : public LongWork
{
    Q_OBJECT

public:
    explicit BrowseRun(QObject *parent = nullptr);

    // `work(browser, stop)` gives a Result, on the other thread, and must hold nothing of the window; `done(result)` comes on the UI
    // thread. Where no connection comes about, the result is the error that says which step failed.
    template <class Work, class Finish> void look(const SourceKind &kind, SourceSpec spec, Work work, Finish finish)
    {
        using Answer = std::invoke_result_t<Work, Browser &, std::stop_token>;
        const auto number = ++m_looks;
        const auto say = [this, self = QPointer<QObject>(this), number](const Error &step) {
            postTo(self, [this, number, step] {
                if (number == m_looks)
                    Q_EMIT said(step);
            });
        };
        start(
            [make = kind.browse, spec = std::move(spec), work = std::move(work), say](std::stop_token stop, const Tell &) -> Answer {
                try {
                    const auto browser = make(spec);
                    if (auto connected = browser->connect(say, stop); !connected)
                        return connected.error();
                    return work(*browser, stop);
                } catch (const Refusal &refusal) {
                    return refusal.error;
                } catch (const std::exception &fault) {
                    return Error{SG_TR("The look into the server ended: %1"), {fault.what()}, {}};
                }
            },
            std::move(finish));
    }

Q_SIGNALS:
    void said(const sg::Error &step); // of the connection that is being made

private:
    std::uint64_t m_looks = 0;
};

}
