#include "widgets/connect/livefeed.h"

#include "decode/topicpattern.h"

namespace sg {

namespace {

constexpr std::size_t MostWaiting = 500;
constexpr int Handful = 100; // ms

char separatorOf(const SourceSpec &spec)
{
    return spec.kind == "mqtt" ? '/' : '.';
}

}

struct LiveFeed::Tray
{
    std::mutex mutex;
    std::vector<BrowsedMessage> waiting; // guarded by mutex
    std::uint64_t passedOver = 0; // guarded by mutex
};

LiveFeed::LiveFeed(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(Handful);
    connect(&m_timer, &QTimer::timeout, this, &LiveFeed::empty);
    connect(&m_run, &BrowseRun::said, this, &LiveFeed::said);
    connect(&m_run, &LongWork::runningChanged, this, &LiveFeed::runningChanged);
}

void LiveFeed::start(const SourceKind &kind, const SourceSpec &spec, const BrowseRequest &request)
{
    const auto tray = std::make_shared<Tray>(); // of this look: an older one that still ends fills its own
    m_tray = tray;
    m_timer.start();
    m_run.look(
        kind, spec,
        [tray, spec, request](Browser &browser, const std::stop_token &stop) -> Result<Browser::Read> {
            auto asked = request;
            auto topics = topicsToRead(spec, browser, stop);
            if (!topics)
                return topics.error();
            asked.topics = std::move(*topics);
            return browser.read(
                asked,
                [&](BrowsedMessage message) {
                    if (!isMeant(spec, message.topic))
                        return true;
                    const std::lock_guard guard(tray->mutex);
                    if (tray->waiting.size() < MostWaiting)
                        tray->waiting.push_back(std::move(message));
                    else
                        ++tray->passedOver;
                    return true;
                },
                stop);
        },
        [this, tray](Result<Browser::Read> result) {
            if (tray != m_tray)
                return;
            empty();
            m_timer.stop();
            if (result)
                result->passedOver += tray->passedOver;
            Q_EMIT ended(result);
        });
}

void LiveFeed::stop()
{
    m_run.stop();
}

void LiveFeed::empty()
{
    std::vector<BrowsedMessage> messages;
    {
        const std::lock_guard guard(m_tray->mutex);
        messages.swap(m_tray->waiting);
    }
    if (!messages.empty())
        Q_EMIT came(messages);
}

Result<std::vector<std::string>> topicsToRead(const SourceSpec &spec, Browser &browser, const std::stop_token &stop)
{
    if (spec.settings.has("view"))
        return std::vector<std::string>{spec.settings.text("schema", "public") + "." + spec.settings.text("view")};
    std::vector<Error> faults;
    const auto choice = TopicChoice::read(spec.settings, separatorOf(spec), faults);
    if (!faults.empty())
        return faults.front();
    std::vector<std::string> names;
    const auto isMqtt = spec.kind == "mqtt";
    if (isMqtt || std::all_of(choice.topics.begin(), choice.topics.end(), [](const TopicPattern &one) { return one.isPlain(); })) {
        for (const auto &topic : choice.topics)
            names.push_back(isMqtt ? topic.mqttFilter() : topic.text());
        return names;
    }
    const auto listed = browser.list(Micros(0), stop);
    if (!listed)
        return listed.error();
    for (const auto &topic : *listed)
        if (choice.match(topic.name))
            names.push_back(topic.name);
    if (names.empty())
        return Error{SG_TR("No topic meets the pattern."), {}, {}};
    return names;
}

bool isMeant(const SourceSpec &spec, const std::string &topic)
{
    if (!spec.settings.has("topics"))
        return true;
    std::vector<Error> faults;
    return TopicChoice::read(spec.settings, separatorOf(spec), faults).match(topic).has_value();
}

}
