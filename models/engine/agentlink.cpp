#include "engine/agentlink.h"

#include "engine/wirevalues.h"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace sg {

namespace {

constexpr auto Frame = std::chrono::milliseconds(16);
constexpr auto Silence = std::chrono::seconds(10); // a running evaluator has a new snapshot at least once a second
constexpr auto FirstPause = std::chrono::milliseconds(250), LongestPause = std::chrono::milliseconds(5000);
constexpr std::size_t MostAsked = 4096;
constexpr std::uint32_t WantRequest = 0, HelloRequest = 1;
constexpr auto AtPatience = std::chrono::milliseconds(50), QueryPatience = std::chrono::milliseconds(10'000);
constexpr auto LossPatience = std::chrono::minutes(10); // a chart keeps its last picture so long
constexpr std::uint64_t RowsAtOnce = 50'000;

// One series of the evaluator's, as it was known at one connection.
class FarSeries final : public FarRows
{
public:
    FarSeries(std::weak_ptr<AgentLink> link, std::uint64_t connection, std::uint32_t series, const Row &newest, Time oldest)
        : m_link(std::move(link))
        , m_connection(connection)
        , m_series(series)
        , m_newest(newest)
        , m_oldest(oldest)
    {
    }
    Columns columns(Time from, Time to, int width, std::stop_token stop) const override
    {
        // No answer is better than an empty one: nobody shall believe that there was no data.
        if (const auto link = m_link.lock())
            (void)link->waitUntilUp(LossPatience, stop);
        ByteWriter body;
        body.number(m_series);
        body.time(from);
        body.time(to);
        body.number(static_cast<std::uint64_t>(std::max(0, width)));
        // As long as the connection lives: asked again, a slow evaluator would only begin again. Who waits can stop.
        if (const auto answer = ask(FrameKind::Columns, body.take(), LossPatience, stop))
            if (auto columns = valueOf<Columns>(*answer))
                return std::move(*columns);
        Columns none;
        none.isUnknown = true;
        none.from = from;
        none.to = to;
        none.columns.resize(static_cast<std::size_t>(std::max(0, width)));
        return none;
    }

    void read(Time from, Time to, const std::function<bool(const Row &)> &each) const override
    {
        for (bool isMore = true; isMore && from < to;) {
            ByteWriter body;
            body.number(m_series);
            body.time(from);
            body.time(to);
            body.number(RowsAtOnce);
            const auto answer = ask(FrameKind::Rows, body.take(), QueryPatience, {});
            if (!answer)
                return;
            ByteReader in(*answer);
            WireIn io(in);
            isMore = in.flag();
            std::vector<Row> rows;
            io.list(rows, 17, [&io](Row &row) { pass(io, row); });
            if (!in.isGood() || rows.empty())
                return;
            for (const Row &row : rows) {
                if (row.t < from || row.t >= to || !each(row)) // never the same rows again, whatever it answers
                    return;
                from = row.t + Micros(1);
            }
        }
    }

    std::optional<Row> at(Time t) const override
    {
        if (m_newest.t != NoTime && t >= m_newest.t)
            return m_newest;
        const auto link = m_link.lock();
        if (!link || link->isSlow())
            return std::nullopt;
        ByteWriter body;
        body.time(t);
        body.number(1);
        body.number(m_series);
        const auto answer = ask(FrameKind::RowsAt, body.take(), AtPatience, {});
        if (!answer) {
            link->noteSlow();
            return std::nullopt;
        }
        ByteReader in(*answer);
        WireIn io(in);
        std::vector<std::optional<Row>> rows;
        io.list(rows, 1, [&io](auto &row) { io.maybe(row, [&io](Row &there) { pass(io, there); }); });
        return in.isGood() && rows.size() == 1 ? rows.front() : std::nullopt;
    }

    std::optional<std::pair<Time, Time>> extent() const override
    {
        if (m_oldest == NoTime || m_newest.t == NoTime)
            return std::nullopt;
        return std::pair(m_oldest, m_newest.t);
    }

private:
    std::optional<std::string> ask(FrameKind kind, std::string body, Millis limit, const std::stop_token &stop) const
    {
        const auto link = m_link.lock();
        if (!link || link->connection() != m_connection)
            return std::nullopt;
        auto answer = link->askAndWait(kind, std::move(body), limit, stop);
        return answer ? std::optional(std::move(*answer)) : std::nullopt;
    }

    const std::weak_ptr<AgentLink> m_link;
    const std::uint64_t m_connection;
    const std::uint32_t m_series;
    const Row m_newest;
    const Time m_oldest;
};

}

std::string helloBody()
{
    ByteWriter out;
    out.text(WireMagic);
    out.number(WireVersion);
    out.number(static_cast<std::uint64_t>(::getpid()));
    return out.take();
}

std::optional<EvaluatorThere> welcomed(std::string_view body)
{
    ByteReader in(body);
    EvaluatorThere there;
    const std::uint64_t version = in.number();
    there.process = in.number();
    there.host = in.text();
    there.folder = in.text();
    if (!in.isGood() || version != WireVersion)
        return std::nullopt;
    return there;
}

AgentLink::AgentLink(std::string stateFolder, Events events)
    : m_stateFolder(std::move(stateFolder))
    , m_events(std::move(events))
{
}

void AgentLink::start()
{
    m_reader = std::make_unique<SnapshotReader>(
        [this](std::uint32_t theirs, const Row &newest, Time oldest) {
            return std::make_shared<FarSeries>(weak_from_this(), m_connection.load(), theirs, newest, oldest);
        },
        m_events.findRule);
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
}

void AgentLink::stop()
{
    if (!m_thread.joinable())
        return;
    m_thread.request_stop();
    m_wake.ring();
    m_thread.join();
    const std::lock_guard guard(m_mutex);
    m_isEnded = true;
    m_upOrEnded.notify_all();
}

bool AgentLink::isUp() const
{
    const std::lock_guard guard(m_mutex);
    return m_isUp;
}

bool AgentLink::waitUntilUp(Millis limit, const std::stop_token &stop) const
{
    std::unique_lock lock(m_mutex);
    return m_upOrEnded.wait_for(lock, stop, limit, [this] { return m_isUp || m_isEnded; }) && m_isUp;
}

void AgentLink::ask(FrameKind kind, std::string body, Reply reply)
{
    {
        const std::lock_guard guard(m_mutex);
        if (m_isUp && m_asked.size() < MostAsked) {
            do
                ++m_lastRequest;
            while (m_lastRequest <= HelloRequest || m_asked.contains(m_lastRequest));
            m_out += frameOf(kind, m_lastRequest, body);
            m_asked.emplace(m_lastRequest, std::move(reply));
            m_wake.ring();
            return;
        }
    }
    reply(Error{SG_TR("the evaluator does not answer at the moment; nothing was done"), {}, {}});
}

Result<std::string> AgentLink::askAndWait(FrameKind kind, std::string body, Millis limit, const std::stop_token &stop)
{
    struct Waiting
    {
        std::mutex mutex;
        std::condition_variable_any answered;
        std::optional<Result<std::string>> answer; // guarded by mutex
    };
    const auto waiting = std::make_shared<Waiting>(); // the answer may come after nobody waits any more
    ask(kind, std::move(body), [waiting](const Result<std::string> &answer) {
        const std::lock_guard guard(waiting->mutex);
        waiting->answer = answer;
        waiting->answered.notify_all();
    });
    std::unique_lock lock(waiting->mutex);
    if (!waiting->answered.wait_for(lock, stop, limit, [&] { return waiting->answer.has_value(); }))
        return Error{SG_TR("the evaluator did not answer in time"), {}, {}};
    return std::move(*waiting->answer);
}

void AgentLink::failAll(const Error &why)
{
    std::unordered_map<std::uint32_t, Reply> asked;
    {
        const std::lock_guard guard(m_mutex);
        m_isUp = false;
        m_out.clear();
        asked = std::exchange(m_asked, {});
    }
    for (const auto &[request, reply] : asked)
        reply(why);
}

void AgentLink::lose(const Error &why, Mono nextTry)
{
    SessionLink link;
    link.state = SessionLink::State::Lost;
    link.process = m_there.process;
    link.host = m_there.host;
    link.why = why;
    link.nextTry = nextTry;
    m_events.onState(link, m_there);
}

void AgentLink::pauseUntil(Mono until, const std::stop_token &stop) const
{
    for (Mono now = Mono::clock::now(); now < until && !stop.stop_requested(); now = Mono::clock::now()) {
        pollfd wait = {m_wake.fd(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(std::chrono::ceil<Millis>(until - now).count()));
        m_wake.drain();
    }
}

void AgentLink::run(const std::stop_token &stop)
{
    Millis pause = FirstPause;
    while (!stop.stop_requested()) {
        m_isWelcome = m_isWanting = false;
        m_has = 0;
        auto fd = connectTo(m_stateFolder);
        const Error why = fd ? converse(fd->get(), stop) : fd.error();
        failAll({SG_TR("the connection to the evaluator broke (%1); whether it was done shows when it is back"), {why.plain()}, {}});
        if (stop.stop_requested())
            return;
        if (m_isWelcome)
            pause = FirstPause;
        const Mono nextTry = Mono::clock::now() + pause;
        lose(why, nextTry);
        pauseUntil(nextTry, stop);
        pause = std::min<Millis>(2 * pause, LongestPause);
    }
}

Error AgentLink::converse(int fd, const std::stop_token &stop)
{
    ++m_connection;
    std::string out = frameOf(FrameKind::Hello, HelloRequest, helloBody()), in;
    FrameInbox inbox(FrameInbox::LongestAnswer);
    Mono heard = Mono::clock::now();
    while (!stop.stop_requested()) {
        const Mono now = Mono::clock::now();
        if (m_isWelcome && !m_isWanting && now >= m_nextWant) {
            ByteWriter body;
            body.number(m_has);
            out += frameOf(FrameKind::Want, WantRequest, body.bytes());
            m_isWanting = true;
            heard = now;
        }
        {
            const std::lock_guard guard(m_mutex);
            out += std::exchange(m_out, {});
        }
        if (sendSome(fd, out) == SocketEnd::Closed)
            return {SG_TR("it ended"), {}, {}};
        const Mono due = m_isWelcome && !m_isWanting ? m_nextWant : heard + Silence;
        pollfd waits[2] = {{fd, static_cast<short>(POLLIN | (out.empty() ? 0 : POLLOUT)), 0}, {m_wake.fd(), POLLIN, 0}};
        const auto left = std::chrono::ceil<Millis>(due - Mono::clock::now()).count();
        if (::poll(waits, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000))) < 0 && errno != EINTR)
            return {SG_TR("this process cannot wait for it"), {}, {}};
        m_wake.drain();
        if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            in.clear();
            const SocketEnd end = receiveSome(fd, in);
            m_received += in.size();
            if (!in.empty())
                heard = Mono::clock::now();
            inbox.feed(in);
            while (const auto frame = inbox.next())
                if (auto error = take(*frame))
                    return std::move(*error);
            if (inbox.isBroken())
                return {SG_TR("it sent what cannot be understood"), {}, {}};
            if (end == SocketEnd::Closed)
                return {SG_TR("it ended"), {}, {}};
        }
        if ((!m_isWelcome || m_isWanting) && Mono::clock::now() >= heard + Silence)
            return {SG_TR("it has said nothing for %1 seconds"), {std::to_string(Silence.count())}, {}};
    }
    return {};
}

std::optional<Error> AgentLink::take(const WireFrame &frame)
{
    const Error odd{SG_TR("it sent what cannot be understood"), {}, {}};
    switch (frame.kind) {
    case FrameKind::Welcome: {
        const auto there = welcomed(frame.body);
        if (!there || m_isWelcome)
            return odd;
        m_there = *there;
        m_isWelcome = true;
        m_events.onWelcome(m_there);
        m_nextWant = Mono::clock::now();
        return std::nullopt;
    }
    case FrameKind::Part: {
        if (!m_isWanting)
            return odd;
        const auto taken = m_reader->takePart(frame.body);
        return taken ? std::nullopt : std::optional(taken.error());
    }
    case FrameKind::Root: {
        if (!m_isWanting)
            return odd;
        auto snapshot = m_reader->takeRoot(frame.body);
        if (!snapshot)
            return snapshot.error();
        m_isWanting = false;
        m_has = (*snapshot)->version;
        m_nextWant = Mono::clock::now() + Frame;
        bool isBack = false;
        {
            const std::lock_guard guard(m_mutex);
            isBack = !std::exchange(m_isUp, true);
            m_upOrEnded.notify_all();
        }
        m_events.onSnapshot(std::move(*snapshot), m_reader->workspaceNumber());
        if (isBack)
            m_events.onState({SessionLink::State::Attached, m_there.process, m_there.host, {}, {}}, m_there);
        return std::nullopt;
    }
    case FrameKind::Refused:
    case FrameKind::Answer: {
        ByteReader in(frame.body);
        const auto error = frame.kind == FrameKind::Refused ? std::optional(in.error()) : std::nullopt;
        if (error && (frame.request == HelloRequest || !m_isWelcome))
            return *error;
        Reply reply;
        {
            const std::lock_guard guard(m_mutex);
            if (const auto asked = m_asked.find(frame.request); asked != m_asked.end()) {
                reply = std::move(asked->second);
                m_asked.erase(asked);
            }
        }
        if (reply) // else nobody waits for it any more
            reply(error ? Result<std::string>(*error) : Result<std::string>(frame.body));
        return std::nullopt;
    }
    case FrameKind::Hello:
    case FrameKind::Want:
    case FrameKind::Columns:
    case FrameKind::Rows:
    case FrameKind::RowsAt:
    case FrameKind::Act:
    case FrameKind::Apply:
    case FrameKind::Load:
    case FrameKind::TestRoute:
        return odd;
    }
    return odd;
}

}
