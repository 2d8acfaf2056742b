#include "connectors/mqtt/mqttreader.h"

#include "core/platform.h"
#include "core/text.h"

#include <algorithm>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr const char *Stream = "mqtt";
constexpr std::size_t InboxBytes = 32U << 20U;
constexpr std::size_t SealRows = 10'000;
constexpr std::size_t KnownTopics = 20'000;
constexpr std::size_t LongestKnownTopic = 500;
constexpr Millis ConnectLimit = 10s;
constexpr Millis AnswerLimit = 5s;
constexpr Millis IdleWait = 100ms;
constexpr Millis TrimLimit = 5s;
constexpr int SpoolTries = 4;
constexpr std::size_t MostRefusals = 10; // said one by one
constexpr Millis StepWait = 20ms;
constexpr Micros ArrivalSpan = 10ms; // of the rows of one batch: those by arrival share its arrival
constexpr std::size_t ReadBytes = 1U << 20U;
constexpr std::size_t LimitedReadBytes = 64U << 10U; // with max_rate little is taken at a time
constexpr Millis CommitLimit = 3s; // a state file that cannot be written must not keep us from watching

Mono now()
{
    return std::chrono::steady_clock::now();
}

// The end of a gap lies in a process that is gone, where no monotonic clock reaches; so gaps are by the machine's clock.
Time machineTime()
{
    return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

SourceGuards guardsOf(const SourceSpec &spec)
{
    std::vector<Error> told; // by the Intake, too
    return SourceGuards::read(spec.declaration, told);
}

// Another one at every start of the machine; empty where the system does not tell.
std::string startOfMachine()
{
    auto name = readFile("/proc/sys/kernel/random/boot_id", 100);
    if (!name)
        return {};
    std::erase(*name, '\n');
    return *std::move(name);
}

}

MqttReader::MqttReader(MqttSettings settings, const SourceSpec &spec)
    : m_settings(std::move(settings))
    , m_spoolPath(m_settings.spoolFolder(spec))
    , m_machine(startOfMachine())
    , m_guards(guardsOf(spec))
    , m_gate(m_guards)
    , m_intake(spec)
    , m_inbox(InboxBytes)
    , m_lastReport(now())
{
}

Error MqttReader::run(Lane &lane, const Positions &from, const std::stop_token &stop)
{
    if (!m_isOpen) {
        const auto stored = from.find(Stream);
        if (stored != from.end()) {
            m_stored = stored->second;
            if (auto position = MqttPosition::parse(m_stored)) {
                m_position = *std::move(position);
                m_isKnown = true;
            }
        }
        if (auto failed = openSpool(lane))
            return *failed;
        m_isOpen = true;
    }
    m_state = SourceStatus::State::Connecting;
    report(lane);
    if (!deliver(lane, stop))
        return {};
    if (auto failed = replay(lane, stop))
        return *failed;
    if (stop.stop_requested())
        return {};
    if (!announce(lane, stop))
        return finish(lane, {}, stop);
    if (auto failed = connect(stop)) {
        hangUp();
        return finish(lane, *std::move(failed), stop);
    }
    m_state = m_isBehind ? SourceStatus::State::CatchingUp : SourceStatus::State::Live;
    m_isConnected = true;
    seal(now()); // the gap, and the word that there is a session now
    report(lane);
    while (!stop.stop_requested() && read(lane, IdleWait, stop)) {
        if (isOverfull()) {
            hangUp();
            const auto spooled = std::to_string((m_spool ? m_spool->bytes() : 0) >> 20U);
            return finish(
                lane,
                m_spool && m_spool->trouble() ? *m_spool->trouble()
                    : m_isFull
                    ? Error{SG_TR(
                                "mqtt: disconnected on purpose, because the spool is full (%1 MB are not saved yet); the broker keeps what "
                                "comes, and Sightglass connects again when there is room"),
                            {spooled},
                            {}}
                    : Error{SG_TR("mqtt: disconnected on purpose, because the readings could not be taken in time; the broker keeps what "
                                  "comes"),
                            {},
                            {}},
                stop);
        }
        if (m_inbox.isLost()) {
            const std::string why = m_inbox.whyLost();
            return finish(
                lane,
                why.empty()
                    ? Error{SG_TR("mqtt: the connection to %1 was lost"), {shown(m_settings.broker)}, {}}
                    : Error{SG_TR("mqtt: the connection to %1 was lost (%2)"), {shown(m_settings.broker), m_settings.safe(why)}, {}},
                stop);
        }
        if (m_isBehind && !isHeldBack() && !isWaiting() && m_backlog.isOver(now(), m_inbox.received())) {
            endCatchingUp();
            m_state = SourceStatus::State::Live;
            seal(now());
            report(lane);
        }
        tick(lane);
    }
    hangUp();
    return finish(lane, {}, stop);
}

std::optional<Error> MqttReader::openSpool(Lane &lane)
{
    m_qos = m_settings.qos;
    if (m_spoolPath.empty())
        return std::nullopt;
    auto disk = openSpoolFolder(m_spoolPath);
    // The source as it was before an edit may still be at its end, and hold the lock.
    if (!disk && m_spoolTries++ < SpoolTries)
        return disk.error();
    MqttSpool::Limits limits;
    limits.mostBytes = m_settings.spoolBytes;
    limits.segmentBytes = std::min(limits.segmentBytes, limits.mostBytes / 8);
    MqttSeen seen;
    auto spool = disk
        ? MqttSpool::open(*std::move(disk), m_settings.clientId, m_isKnown ? std::optional(m_position.next) : std::nullopt, limits, seen)
        : Result<std::shared_ptr<MqttSpool>>(disk.error());
    if (!spool) {
        m_spoolTrouble
            = Error{SG_TR("messages are not kept on the disk before they are confirmed to the broker: %1"), {spool.error().plain()}, {}};
        return std::nullopt;
    }
    m_spool = *spool;
    m_qos = std::min(m_qos, 1);
    m_inbox.setSpool(m_spool, std::move(seen));
    lane.beforeCommit([held = std::weak_ptr(m_spool)] { // one that is gone has synced at its end
        const auto kept = held.lock();
        return kept ? kept->sync() : Result<Done>(Done());
    });
    if (!m_isKnown) // killed before its first commit
        m_position.next = m_spool->first();
    if (m_spool->hasHole())
        m_intake.add(Mark(Gap{m_position.newest, machineTime(), Error{SG_TR("the spool of confirmed messages is damaged"), {}, {}}}));
    return std::nullopt;
}

// What was confirmed and not handed on comes before all that the broker has; and there must be room for that.
std::optional<Error> MqttReader::replay(Lane &lane, const std::stop_token &stop)
{
    m_isFull = false;
    if (!m_spool)
        return std::nullopt;
    if (m_spool->end() > m_position.next)
        startCatchingUp();
    if (!readSpool(lane, stop))
        return std::nullopt;
    for (Mono until = now() + TrimLimit; !m_spool->prepare(); std::this_thread::sleep_for(StepWait)) {
        if (isHeldBack())
            until = now() + TrimLimit; // it goes on, as fast as it may
        if (stop.stop_requested() || !readSpool(lane, stop))
            return std::nullopt;
        if (m_spool->trouble())
            return m_spool->trouble();
        if (now() > until)
            return Error{
                SG_TR(
                    "mqtt: not connected on purpose, because the spool is full (%1 MB are not saved yet); the broker keeps what comes, and "
                    "Sightglass connects when there is room"),
                {std::to_string(m_spool->bytes() >> 20U)},
                {}};
        trim(lane);
        tick(lane);
    }
    return std::nullopt;
}

bool MqttReader::isOverfull()
{
    m_isFull = m_isFull || (m_spool && !m_spool->prepare());
    return m_isFull || m_inbox.isOverfull();
}

void MqttReader::startCatchingUp()
{
    if (!std::exchange(m_isBehind, true))
        m_intake.add(Mark(Behind{}));
}

void MqttReader::endCatchingUp()
{
    m_isBehind = false;
    m_intake.add(Mark(CaughtUp{}));
}

void MqttReader::hangUp()
{
    if (m_link && !m_link->disconnect(500ms))
        m_link.reset(); // a broker that hangs; nothing may come in any more once the inbox is read to its end
}

std::optional<Error> MqttReader::connect(const std::stop_token &stop)
{
    try {
        if (!m_link)
            m_link = std::make_unique<MqttLink>(m_settings, m_inbox);
    } catch (const std::exception &failed) {
        throw Refusal{
            Error{SG_TR("mqtt: broker '%1' is not accepted: %2"), {shown(m_settings.broker), m_settings.safe(failed.what())}, {}}};
    }
    const Mono began = now();
    const auto isKept = m_link->connect(true, ConnectLimit, stop);
    if (!isKept)
        return isKept.error();
    m_backlog.begin(now(), m_inbox.received(), std::chrono::duration_cast<Micros>(now() - began));
    noteMissed(*isKept);
    if (!*isKept)
        m_inbox.beginSession();
    if (*isKept && m_isKnown && m_qos > 0)
        startCatchingUp();
    else
        endCatchingUp(); // also of an attempt that broke off while it caught up

    // Subscribing again would make the broker send every retained message again, so only what has changed is subscribed.
    const std::vector<std::string> wanted = m_settings.subscriptions();
    std::vector<std::string> has = *isKept && m_isKnown && m_position.qos == m_qos ? m_position.filters : std::vector<std::string>();
    if (*isKept && m_isKnown) {
        for (const std::string &filter : m_position.filters) {
            if (!std::ranges::binary_search(wanted, filter))
                m_link->unsubscribe(filter, AnswerLimit, stop);
        }
    }
    std::erase_if(has, [&wanted](const std::string &filter) { return !std::ranges::binary_search(wanted, filter); });
    std::ranges::sort(has);
    m_refused.clear();
    std::vector<std::string> fresh;
    std::ranges::set_difference(wanted, has, std::back_inserter(fresh));
    const auto isOver = [this, &stop] { return stop.stop_requested() || m_inbox.isLost() || isOverfull(); };
    const auto answers = m_link->subscribe(fresh, m_qos, AnswerLimit, isOver);
    if (stop.stop_requested() || m_inbox.isLost())
        return Error{SG_TR("mqtt: the connection to %1 was lost"), {shown(m_settings.broker)}, {}};
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (!answers[i])
            has.push_back(fresh[i]);
        else if (m_refused.size() < MostRefusals)
            m_refused.push_back(*answers[i]);
        else if (m_refused.size() == MostRefusals)
            m_refused.push_back({SG_TR("mqtt: the broker refuses more subscriptions than these"), {}, {}});
    }
    if (has.empty())
        return m_refused.empty() ? Error{SG_TR("mqtt: nothing is subscribed"), {}, {}} : m_refused.front();
    m_position.filters = std::move(has);
    m_position.qos = m_qos;
    // Only now, because what is sent before the broker knows what we want is missed as well.
    if (m_missed != nullptr)
        m_intake.add(Mark(Gap{m_position.newest, machineTime(), Error{m_missed, {}, {}}}));
    m_missed = nullptr;
    m_position.isSettled = m_isAnnounced = false;
    m_position.isSpooled = m_spool != nullptr;
    m_position.machine = m_machine;
    if (m_position.newest == NoTime)
        m_position.newest = machineTime();
    m_isKnown = m_hasRun = true;
    return std::nullopt;
}

// paho confirms from the first packet on, before anything is stored. So a process that is killed right after it connected must have
// left behind that it was about to, or the next one would know of no gap. False: stopped meanwhile.
bool MqttReader::announce(Lane &lane, const std::stop_token &stop)
{
    if (m_isAnnounced || (m_isKnown && !m_position.isSettled))
        return true; // it stands there already
    MqttPosition unsettled = m_position;
    unsettled.isSettled = false;
    unsettled.isSpooled = m_spool != nullptr;
    unsettled.machine = m_machine;
    if (unsettled.newest == NoTime)
        unsettled.newest = machineTime();
    const std::string bytes = unsettled.bytes();
    m_pending = m_intake.seal({{Stream, bytes}}, now());
    m_hasPending = m_isAnnounced = true;
    if (!deliver(lane, stop))
        return false;
    for (const Mono until = now() + CommitLimit; now() < until; std::this_thread::sleep_for(2ms)) {
        const Positions committed = lane.committed();
        if (const auto stored = committed.find(Stream); stored != committed.end() && stored->second == bytes)
            return true;
        if (stop.stop_requested())
            return false;
        tick(lane);
    }
    return true;
}

void MqttReader::noteMissed(bool isSessionKept)
{
    if (!m_isKnown || (!isSessionKept && m_position.filters.empty()))
        return; // the first connection ever misses nothing
    const char *why = nullptr;
    if (!isSessionKept)
        why = SG_TR("the broker kept no session; what was sent meanwhile is lost");
    else if (m_position.qos == 0 || m_settings.qos == 0)
        why = SG_TR("with QoS 0 the broker keeps nothing while nobody listens");
    else if (!m_position.isSettled && !m_position.isSpooled)
        why = SG_TR("Sightglass ended unexpectedly; messages that it had confirmed may be lost");
    else if (!m_position.isSettled && m_position.machine != m_machine)
        why = SG_TR("the machine went down unexpectedly; messages that were confirmed in the last seconds before may be lost");
    if (why != nullptr)
        m_missed = why; // a failed subscription does not make it forget an older one
}

Error MqttReader::finish(Lane &lane, Error why, const std::stop_token &stop)
{
    const bool wasConnected = std::exchange(m_isConnected, false) && !m_inbox.isLost();
    m_inbox.close();
    // What paho has confirmed to the broker is in the inbox, and nowhere else. A stopped source gives the lane one more second.
    const Mono until = now() + 1s;
    bool isDone = false;
    while (!isDone) {
        if (read(lane, Millis(0), stop)) {
            isDone = m_arrivals.empty();
            if (isWaiting())
                break; // the spool keeps the rest
        } else if (now() > until)
            break;
        else
            lane.waitForRoom({}, std::min<Mono>(until, now() + IdleWait));
    }
    if (isDone && m_hasRun && !m_position.isSettled) {
        m_position.isSettled = true;
        if (wasConnected && stop.stop_requested())
            m_position.newest = machineTime(); // up to here nothing was missed
        seal(now());
        static_cast<void>(deliver(lane, stop)); // without room the next start shows a gap that is none: the safe side
    } else if (isDone && m_isKnown && m_isAnnounced) {
        m_isAnnounced = false; // nothing was confirmed: the place of before holds
        seal(now());
        static_cast<void>(deliver(lane, stop));
    }
    report(lane);
    return why;
}

bool MqttReader::read(Lane &lane, Millis wait, const std::stop_token &stop)
{
    if (!deliver(lane, stop))
        return false;
    if (m_nextArrival >= m_arrivals.size()) {
        m_nextArrival = 0;
        if (isHeldBack() && !isWaiting())
            wait = std::clamp(std::chrono::ceil<Millis>(m_gate.opens() - now()), Millis(0), wait);
        m_inbox.take(m_arrivals, wait);
    } else if (isWaiting()) {
        std::this_thread::sleep_for(wait); // the inbox holds what comes meanwhile
    }
    if (!readSpool(lane, stop))
        return false;
    if (const std::uint64_t dropped = m_inbox.takeDropped(); dropped > 0)
        m_intake.add(Mark(Gap{m_position.newest, machineTime(),
                              Error{SG_TR("%1 messages came faster than they could be kept"), {std::to_string(dropped)}, {}}}));
    for (bool isTaken = true; isTaken && m_nextArrival < m_arrivals.size();) {
        Mono arrival{};
        while (m_nextArrival < m_arrivals.size() && m_intake.rows() < SealRows) {
            const Mono at = m_arrivals.at(m_nextArrival);
            const MqttRecord record = m_arrivals.record(m_nextArrival);
            const bool isPassedOver = m_gate.opens() > at;
            isTaken = isPassedOver || take(record, at, stop);
            if (!isTaken)
                break;
            if (isPassedOver)
                ++m_passedOver;
            else
                m_gate.spend(1, record.payload.size(), at);
            arrival = at;
            ++m_nextArrival;
        }
        if (arrival == Mono{})
            break;
        // By the last one that is in it: others may have been confirmed since.
        m_position.newest = machineTime() - std::chrono::duration_cast<Micros>(now() - arrival);
        seal(arrival);
        if (!deliver(lane, stop))
            return false; // the rest stays in m_arrivals for the next call
    }
    return true;
}

bool MqttReader::readSpool(Lane &lane, const std::stop_token &stop)
{
    if (!m_spool)
        return true;
    while (true) {
        if (m_gate.opens() > now())
            return true; // the rest is kept
        const MqttSpool::Found found = m_spool->read(m_position.next, m_guards.hasRate() ? LimitedReadBytes : ReadBytes);
        if (found.isDamaged) {
            m_intake.add(
                Mark(Gap{m_position.newest, machineTime(),
                         Error{SG_TR("%1 messages in the spool cannot be read"), {std::to_string(found.next - m_position.next)}, {}}}));
            m_position.next = found.next;
            seal(now());
            if (!deliver(lane, stop))
                return false;
            continue;
        }
        if (found.records.empty())
            return true;
        // Arrivals of a process that is gone are known by the machine's clock only.
        const Mono mono = now();
        const Time wall = machineTime();
        const auto arrivalOf = [mono, wall](const MqttRecord &record) { return std::min(mono, mono - (wall - record.arrival)); };
        Time first = found.records.front().arrival;
        Mono arrival = mono;
        std::uint64_t bytes = 0;
        std::size_t taken = 0;
        for (const MqttRecord &record : found.records.first(m_gate.atOnce(found.records.size()))) {
            if (m_intake.rows() >= SealRows || record.arrival - first > ArrivalSpan) {
                seal(arrival);
                if (!deliver(lane, stop))
                    return false; // the rest is read again
                first = record.arrival;
            }
            if (!record.beginsSession && !take(record, arrivalOf(record), stop))
                break; // it is kept
            ++taken;
            bytes += record.payload.size();
            arrival = arrivalOf(record);
            m_position.next = record.seq + 1;
            m_position.newest = record.arrival;
        }
        m_gate.spend(taken, bytes, now());
        if (taken > 0)
            seal(arrival);
        if (!deliver(lane, stop))
            return false;
        if (isWaiting())
            return true;
    }
}

bool MqttReader::isHeldBack() const
{
    return m_guards.hasRate() && m_spool && m_gate.isLimiting(now()) && m_spool->end() > m_position.next;
}

bool MqttReader::take(const MqttRecord &message, Mono arrival, const std::stop_token &stop)
{
    const auto count = [&] {
        ++m_messages;
        m_bytes += message.payload.size();
        return true;
    };
    const Topic &topic = topicOf(message.topic);
    if (!topic.isOurs)
        return count();
    Message read;
    read.topic = message.topic;
    read.payload = message.payload;
    if (!message.headers.empty() && readHeaders(message.headers, m_headers))
        read.headers = m_headers;
    read.captures = topic.views;
    read.stream = Stream;
    read.offset = static_cast<std::int64_t>(m_position.received + 1);
    read.isLive = !message.isRetained;
    read.arrival = arrival;
    static_cast<void>(m_intake.add(read, stop)); // a fault is counted and remembered there
    if (isWaiting()) {
        startCatchingUp(); // with all that comes meanwhile
        return false;
    }
    ++m_position.received;
    return count();
}

const MqttReader::Topic &MqttReader::topicOf(std::string_view name)
{
    if (const auto known = m_topics.find(name); known != m_topics.end())
        return known->second;
    if (m_topics.size() >= KnownTopics)
        m_topics.clear();
    // Names come from outside; a long one is looked at each time, so that what is kept stays bounded.
    Topic &topic = name.size() <= LongestKnownTopic ? m_topics[std::string(name)] : (m_longTopic = Topic());
    if (auto captures = m_settings.choice.match(name)) {
        topic.isOurs = true;
        topic.captures = *std::move(captures);
        for (const auto &[label, value] : topic.captures)
            topic.views.emplace_back(label, value);
    }
    return topic;
}

void MqttReader::seal(Mono arrival)
{
    Batch batch = m_intake.seal({{Stream, m_position.bytes()}}, arrival);
    m_pending = std::move(batch);
    m_hasPending = true;
}

bool MqttReader::deliver(Lane &lane, const std::stop_token &stop)
{
    while (m_hasPending) {
        if (lane.push(m_pending)) {
            m_hasPending = false;
            break;
        }
        if (stop.stop_requested())
            return false;
        lane.waitForRoom(stop, now() + IdleWait);
        if (m_isConnected && isOverfull()) {
            m_isConnected = false;
            m_link->disconnect(500ms);
        }
        tick(lane);
    }
    return true;
}

void MqttReader::tick(Lane &lane)
{
    if (now() - m_lastReport < 1s)
        return;
    report(lane);
    trim(lane);
}

void MqttReader::trim(Lane &lane)
{
    if (!m_spool)
        return;
    const Positions committed = lane.committed();
    // What a source begins with comes from memory, and is in no commit before the next one is written.
    const auto stored = committed.find(Stream);
    if (stored == committed.end() || (stored->second == m_stored && !lane.hasCommitted()))
        return;
    if (const auto position = MqttPosition::parse(stored->second))
        m_spool->trim(position->next);
}

void MqttReader::report(Lane &lane)
{
    SourceStatus status;
    status.state = m_state;
    status.messages = m_messages;
    status.notes = m_refused;
    if (!m_settings.share.empty())
        status.notes.push_back(
            {SG_TR("shared with the group '%1': this source sees a part of the messages"), {shown(m_settings.share)}, {}});
    if (m_spoolTrouble)
        status.notes.push_back(*m_spoolTrouble);
    if (isHeldBack()) {
        status.lag = static_cast<std::int64_t>(m_spool->end() - m_position.next);
        status.notes.push_back(
            {SG_TR("limited to %1 by max_rate: reading lags behind; the spool keeps the rest meanwhile, and then the broker"),
             {m_guards.rate},
             {}});
    }
    if (m_passedOver > 0)
        status.notes.push_back(
            {SG_TR("limited to %1 by max_rate: %2 messages were passed over, because nobody keeps what comes with QoS 0"),
             {m_guards.rate, std::to_string(m_passedOver)},
             {}});
    if (isWaiting()) {
        status.state = SourceStatus::State::Lost;
        status.why = m_intake.waitsFor();
        status.lag = m_spool ? static_cast<std::int64_t>(m_spool->end() - m_position.next) : status.lag;
    }
    m_intake.describe(status);
    const Mono at = now();
    const double seconds = std::chrono::duration<double>(at - m_lastReport).count();
    if (seconds > 0.2) { // over less, a rate says little
        status.messagesPerSecond = static_cast<double>(m_messages - m_messagesThen) / seconds;
        status.bytesPerSecond = static_cast<double>(m_bytes - m_bytesThen) / seconds;
        m_messagesThen = m_messages;
        m_bytesThen = m_bytes;
        m_lastReport = at;
    }
    lane.report(std::move(status));
}

}
