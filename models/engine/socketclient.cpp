#include "engine/socketclient.h"

#include "engine/wirevalues.h"

#include "core/platform.h"

#include <poll.h>
#include <unistd.h>

namespace sg {

namespace {

constexpr auto Frame = std::chrono::milliseconds(16);
constexpr auto GreetingTime = std::chrono::seconds(5); // until Hello
constexpr auto StuckTime = std::chrono::seconds(30); // a reader that takes nothing for so long
constexpr std::size_t EnoughWaiting = 2U << 20U; // bytes that wait for a reader: nothing more is computed for it
constexpr int MostUnderWay = 32;
constexpr int WidestQuery = 32'768;
constexpr std::uint64_t MostRows = 100'000; // of one answer: about 1.7 MB
constexpr std::uint64_t MostViews = 1000;

SeriesView viewOf(const Snapshot &snapshot, std::uint64_t series)
{
    return series < snapshot.series.size() ? snapshot.series.at(series).view : SeriesView();
}

const Error &notUnderstood()
{
    static const Error error{SG_TR("the evaluator does not understand this request; are both programs of one version?"), {}, {}};
    return error;
}

std::string columnsAnswer(const Snapshot &snapshot, ByteReader &in)
{
    const std::uint64_t series = in.number();
    const Time from = in.time(), to = in.time();
    const auto width = static_cast<int>(in.numberUpTo(WidestQuery));
    if (!in.isGood() || width < 1 || from >= to || from == NoTime || to == Time::max())
        return {};
    return bytesOf(queryColumns(viewOf(snapshot, series), from, to, width));
}

// A flag whether there may be more behind the last one.
std::string rowsAnswer(const Snapshot &snapshot, ByteReader &in)
{
    const std::uint64_t series = in.number();
    const Time from = in.time(), to = in.time();
    const std::uint64_t most = std::min(in.number(), MostRows);
    if (!in.isGood() || most == 0)
        return {};
    ByteWriter rows;
    WireOut io(rows);
    std::uint64_t count = 0;
    bool isMore = false;
    readRows(viewOf(snapshot, series), from, to, [&](const Row &row) {
        isMore = count == most;
        if (isMore)
            return false;
        pass(io, row);
        ++count;
        return true;
    });
    ByteWriter out;
    out.flag(isMore);
    out.number(count);
    out.raw(rows.bytes());
    return out.take();
}

std::string rowsAtAnswer(const Snapshot &snapshot, ByteReader &in)
{
    const Time t = in.time();
    const std::uint64_t count = in.numberUpTo(MostViews);
    ByteWriter out;
    WireOut io(out);
    out.number(count);
    for (std::uint64_t i = 0; i < count && in.isGood(); ++i)
        io.maybe(rowAt(viewOf(snapshot, in.number()), t), [&io](const Row &row) { pass(io, row); });
    return in.isGood() ? out.take() : std::string();
}

}

SocketClient::SocketClient(Descriptor fd, const CommandSocket::Served &served, std::shared_ptr<const Wakeup> bell)
    : m_fd(std::move(fd))
    , m_served(served)
    , m_bell(std::move(bell))
    , m_due(Mono::clock::now() + GreetingTime)
{
}

bool SocketClient::isTakingRequests() const
{
    return !m_isEnding && m_out.size() < EnoughWaiting && m_mailbox->underWay < MostUnderWay;
}

short SocketClient::events() const
{
    return static_cast<short>((isTakingRequests() ? POLLIN : 0) | (m_out.empty() ? 0 : POLLOUT));
}

bool SocketClient::step(bool isReadable, Mono now)
{
    if (isReadable && isTakingRequests()) {
        std::string bytes;
        if (receiveSome(fd(), bytes) == SocketEnd::Closed)
            return false;
        m_inbox.feed(bytes);
    }
    while (isTakingRequests()) {
        const auto frame = m_inbox.next();
        if (!frame)
            break;
        if (!take(*frame)) {
            refuse(frame->request, notUnderstood());
            m_isEnding = true; // once it was told
        }
    }
    if (m_inbox.isBroken())
        return false;
    {
        const std::lock_guard guard(m_mailbox->mutex);
        m_out += std::exchange(m_mailbox->frames, {});
    }
    transfer(now);
    const std::size_t before = m_out.size();
    if (sendSome(fd(), m_out) == SocketEnd::Closed)
        return false;
    if (m_out.empty() || m_out.size() < before)
        m_moved = now;
    if (m_isEnding && m_out.empty())
        return false;
    if (!m_isGreeted)
        return now < m_due;
    if (now - m_moved > StuckTime)
        return false;
    // What was read but not taken as yet is looked at again when room is there: after a write, or when an answer rings.
    m_due = m_out.empty() ? Mono::max() : m_moved + StuckTime;
    if ((m_wants && m_served.session.snapshot()->version > m_has) || m_writer.isWriting())
        m_due = std::min(m_due, std::max(m_nextTransfer, now + std::chrono::milliseconds(1)));
    if (m_out.size() >= EnoughWaiting)
        m_due = m_moved + StuckTime; // the socket says when it goes on
    return true;
}

// The snapshot, a part at a time, so that a large one takes no more memory than what the reader has not taken yet.
void SocketClient::transfer(Mono now)
{
    if (m_wants && !m_writer.isWriting() && now >= m_nextTransfer && m_out.size() < EnoughWaiting) {
        auto newest = m_served.session.snapshot();
        if (newest->version > m_has)
            m_writer.begin(std::move(newest), m_workspaceNumber);
    }
    while (m_writer.isWriting() && m_out.size() < EnoughWaiting) {
        const SnapshotWriter::Piece piece = m_writer.write();
        m_out += frameOf(piece.isRoot ? FrameKind::Root : FrameKind::Part, m_wants.value_or(0), piece.body);
        if (!piece.isRoot)
            continue;
        m_wants.reset();
        m_nextTransfer = now + Frame;
    }
}

void SocketClient::refuse(std::uint32_t request, const Error &why)
{
    ByteWriter out;
    out.error(why);
    m_out += frameOf(FrameKind::Refused, request, out.bytes());
}

std::function<void(FrameKind, std::string)> SocketClient::answerTo(std::uint32_t request)
{
    ++m_mailbox->underWay;
    return [mailbox = m_mailbox, bell = m_bell, request](FrameKind kind, const std::string &body) {
        {
            const std::lock_guard guard(mailbox->mutex);
            mailbox->frames += frameOf(kind, request, body);
        }
        --mailbox->underWay;
        bell->ring();
    };
}

bool SocketClient::take(const WireFrame &frame)
{
    if (!m_isGreeted)
        return frame.kind == FrameKind::Hello && greet(frame);
    switch (frame.kind) {
    case FrameKind::Want: {
        ByteReader in(frame.body);
        m_has = in.number();
        if (m_wants || !in.isGood())
            return false; // one at a time
        m_wants = frame.request;
        return true;
    }
    case FrameKind::Columns:
    case FrameKind::Rows:
    case FrameKind::RowsAt:
        compute(frame);
        return true;
    case FrameKind::Act:
        return act(frame);
    case FrameKind::Apply:
        return apply(frame);
    case FrameKind::Load:
        return load(frame);
    case FrameKind::TestRoute:
        return testRoute(frame);
    case FrameKind::Hello:
    case FrameKind::Welcome:
    case FrameKind::Refused:
    case FrameKind::Part:
    case FrameKind::Root:
    case FrameKind::Answer:
        return false;
    }
    return false;
}

bool SocketClient::greet(const WireFrame &frame)
{
    ByteReader in(frame.body);
    const std::string magic = in.text();
    const std::uint64_t version = in.number();
    if (!in.isGood() || magic != WireMagic)
        return false;
    if (version != WireVersion) {
        refuse(frame.request,
               {SG_TR("the running evaluator speaks version %1 of the local protocol and this program version %2: use both from one "
                      "installation, and restart the older one"),
                {std::to_string(WireVersion), std::to_string(version)},
                {}});
        m_isEnding = true;
        return true;
    }
    m_isGreeted = true;
    ByteWriter out;
    out.number(WireVersion);
    out.number(static_cast<std::uint64_t>(::getpid()));
    out.text(hostName());
    out.text(m_served.session.workspace()->folder);
    m_out += frameOf(FrameKind::Welcome, frame.request, out.bytes());
    return true;
}

void SocketClient::compute(const WireFrame &frame)
{
    m_served.session.run([answer = answerTo(frame.request), snapshot = m_served.session.snapshot(), kind = frame.kind, body = frame.body] {
        ByteReader in(body);
        std::string found = kind == FrameKind::Columns ? columnsAnswer(*snapshot, in)
            : kind == FrameKind::Rows                  ? rowsAnswer(*snapshot, in)
                                                       : rowsAtAnswer(*snapshot, in);
        if (!found.empty()) {
            answer(FrameKind::Answer, std::move(found));
            return;
        }
        ByteWriter out;
        out.error(notUnderstood());
        answer(FrameKind::Refused, out.take());
    });
}

bool SocketClient::act(const WireFrame &frame)
{
    const auto action = valueOf<OperatorAction>(frame.body);
    if (!action)
        return false;
    m_served.session.submit({*action, [answer = answerTo(frame.request)](const Outcome &outcome) {
                                 answer(FrameKind::Answer, bytesOf(outcome)); // after the commit: it is durable
                             }});
    return true;
}

bool SocketClient::load(const WireFrame &frame)
{
    ByteReader in(frame.body);
    LoadOlder what;
    what.source = in.text();
    what.from = in.time();
    what.to = in.time();
    if (!in.isGood() || !in.isAtEnd())
        return false;
    m_served.session.submit(
        {std::move(what), [answer = answerTo(frame.request)](const Outcome &outcome) { answer(FrameKind::Answer, bytesOf(outcome)); }});
    return true;
}

bool SocketClient::testRoute(const WireFrame &frame)
{
    ByteReader in(frame.body);
    TestRoute what;
    what.route = in.text();
    if (!in.isGood() || !in.isAtEnd())
        return false;
    m_served.session.submit(
        {std::move(what), [answer = answerTo(frame.request)](const Outcome &outcome) { answer(FrameKind::Answer, bytesOf(outcome)); }});
    return true;
}

bool SocketClient::apply(const WireFrame &frame)
{
    ByteReader in(frame.body);
    ApplyWorkspace what;
    what.closesAlarms = in.flag();
    what.actor = in.text();
    what.reason = in.text();
    if (!in.isGood() || !in.isAtEnd())
        return false;
    const auto answer = [send = answerTo(frame.request)](const Outcome &outcome) { send(FrameKind::Answer, bytesOf(outcome)); };
    if (!m_served.read) {
        answer({false, {SG_TR("the running evaluator cannot read its workspace again; restart it"), {}, {}}});
        return true;
    }
    m_served.session.run([&session = m_served.session, read = m_served.read, what, answer]() mutable {
        auto workspace = read();
        if (!workspace) {
            answer({false, workspace.error()});
            return;
        }
        what.workspace = std::move(*workspace);
        session.submit({std::move(what), answer});
    });
    return true;
}

}
