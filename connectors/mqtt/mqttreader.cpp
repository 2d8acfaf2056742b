#include "connectors/mqtt/mqttreader.h"

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

}

MqttReader::MqttReader(MqttSettings settings, const SourceSpec &spec)
    : m_settings(std::move(settings))
    , m_intake(spec)
    , m_inbox(InboxBytes)
    , m_lastReport(now())
{
}

Error MqttReader::run(Lane &lane, const Positions &from, const std::stop_token &stop)
{
    if (!m_hasRun) {
        const auto stored = from.find(Stream);
        if (stored != from.end()) {
            if (auto position = MqttPosition::parse(stored->second)) {
                m_position = *std::move(position);
                m_isKnown = true;
            }
        }
    }
    m_state = SourceStatus::State::Connecting;
    report(lane);
    if (!deliver(lane, stop))
        return {};
    if (!announce(lane, stop))
        return finish(lane, {}, stop);
    if (auto failed = connect(stop)) {
        hangUp();
        return finish(lane, *std::move(failed), stop);
    }
    m_state = SourceStatus::State::Live;
    m_isConnected = true;
    seal(now()); // the gap, and the word that there is a session now
    report(lane);
    while (!stop.stop_requested() && read(lane, IdleWait, stop)) {
        if (m_inbox.isOverfull()) {
            hangUp();
            return finish(
                lane,
                Error{SG_TR("mqtt: disconnected on purpose, because the readings could not be taken in time; the broker keeps what comes"),
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
        tick(lane);
    }
    hangUp();
    return finish(lane, {}, stop);
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
    const auto isKept = m_link->connect(true, ConnectLimit, stop);
    if (!isKept)
        return isKept.error();
    noteMissed(*isKept);

    // Subscribing again would make the broker send every retained message again, so only what has changed is subscribed.
    const std::vector<std::string> wanted = m_settings.filters();
    std::vector<std::string> has
        = *isKept && m_isKnown && m_position.qos == m_settings.qos ? m_position.filters : std::vector<std::string>();
    if (*isKept && m_isKnown) {
        for (const std::string &filter : m_position.filters) {
            if (std::ranges::find(wanted, filter) == wanted.end())
                m_link->unsubscribe(filter, AnswerLimit, stop);
        }
    }
    std::erase_if(has, [&wanted](const std::string &filter) { return std::ranges::find(wanted, filter) == wanted.end(); });
    m_refused.clear();
    for (const std::string &filter : wanted) {
        if (std::ranges::find(has, filter) != has.end())
            continue;
        const auto subscribed = m_link->subscribe(filter, m_settings.qos, AnswerLimit, stop);
        if (stop.stop_requested() || m_inbox.isLost())
            return subscribed ? Error{SG_TR("mqtt: the connection to %1 was lost"), {shown(m_settings.broker)}, {}} : subscribed.error();
        if (subscribed)
            has.push_back(filter);
        else
            m_refused.push_back(subscribed.error());
    }
    if (has.empty())
        return m_refused.empty() ? Error{SG_TR("mqtt: nothing is subscribed"), {}, {}} : m_refused.front();
    m_position.filters = std::move(has);
    m_position.qos = m_settings.qos;
    // Only now, because what is sent before the broker knows what we want is missed as well.
    if (m_missed != nullptr)
        m_intake.add(Mark(Gap{m_position.newest, machineTime(), Error{m_missed, {}, {}}}));
    m_missed = nullptr;
    m_position.isSettled = m_isAnnounced = false;
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
    else if (!m_position.isSettled)
        why = SG_TR("Sightglass ended unexpectedly; messages that it had confirmed may be lost");
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
        if (read(lane, Millis(0), stop))
            isDone = m_arrivals.empty();
        else if (now() > until)
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
        m_inbox.take(m_arrivals, wait);
    }
    if (const std::uint64_t dropped = m_inbox.takeDropped(); dropped > 0)
        m_intake.add(Mark(Gap{m_position.newest, machineTime(),
                              Error{SG_TR("%1 messages came faster than they could be kept"), {std::to_string(dropped)}, {}}}));
    while (m_nextArrival < m_arrivals.size()) {
        Mono arrival{};
        while (m_nextArrival < m_arrivals.size() && m_intake.rows() < SealRows) {
            arrival = m_arrivals[m_nextArrival].at;
            take(m_arrivals[m_nextArrival++]);
        }
        // By the last one that is in it: others may have been confirmed since.
        m_position.newest = machineTime() - std::chrono::duration_cast<Micros>(now() - arrival);
        seal(arrival);
        if (!deliver(lane, stop))
            return false; // the rest stays in m_arrivals for the next call
    }
    return true;
}

void MqttReader::take(const MqttArrival &arrival)
{
    const mqtt::message &message = *arrival.message;
    ++m_messages;
    m_bytes += message.get_payload_ref().size();
    if (message.get_qos() > 0 && isRepeated(message))
        return;
    const Topic &topic = topicOf(message.get_topic());
    if (!topic.isOurs)
        return;
    Message read;
    read.topic = message.get_topic();
    const auto &payload = message.get_payload_ref();
    read.payload = payload.empty() ? std::string_view() : std::string_view(payload.data(), payload.size());
    read.captures = topic.views;
    read.stream = Stream;
    read.offset = static_cast<std::int64_t>(++m_position.received);
    read.isLive = !message.is_retained();
    read.arrival = arrival.at;
    static_cast<void>(m_intake.add(read)); // a fault is counted and remembered there
}

bool MqttReader::isRepeated(const mqtt::message &message)
{
    // After a reconnect the broker sends again what it did not see confirmed, marked as a duplicate. The C++ client hides the packet
    // id, so it is known again by topic and payload among the last few, which is about what can be unconfirmed at once.
    const std::hash<std::string_view> hash;
    const auto &payload = message.get_payload_ref();
    const std::size_t print = hash({payload.empty() ? "" : payload.data(), payload.size()}) * 31U + hash(message.get_topic());
    if (message.is_duplicate() && std::ranges::find(m_recent, print) != m_recent.end())
        return true;
    m_recent[m_recentAt] = print;
    m_recentAt = (m_recentAt + 1) % m_recent.size();
    return false;
}

const MqttReader::Topic &MqttReader::topicOf(const std::string &name)
{
    if (const auto known = m_topics.find(name); known != m_topics.end())
        return known->second;
    if (m_topics.size() >= KnownTopics)
        m_topics.clear();
    // Names come from outside; a long one is looked at each time, so that what is kept stays bounded.
    Topic &topic = name.size() <= LongestKnownTopic ? m_topics[name] : (m_longTopic = Topic());
    if (auto captures = m_settings.match(name)) {
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
        if (m_isConnected && m_inbox.isOverfull()) {
            m_isConnected = false;
            m_link->disconnect(500ms);
        }
        tick(lane);
    }
    return true;
}

void MqttReader::tick(Lane &lane)
{
    if (now() - m_lastReport >= 1s)
        report(lane);
}

void MqttReader::report(Lane &lane)
{
    SourceStatus status;
    status.state = m_state;
    status.messages = m_messages;
    status.notes = m_refused;
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
