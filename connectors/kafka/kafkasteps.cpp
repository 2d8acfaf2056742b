#include "connectors/kafka/kafkasteps.h"

#include "connectors/kafka/kafkareach.h"

#include "core/text.h"

#include <thread>

namespace sg {
namespace {
using namespace std::chrono_literals;

constexpr Millis ReachLimit = 3s;
constexpr Millis AnswerLimit = 6s; // TLS, login and the first answer together
constexpr Millis LeastWait = 800ms; // a first failure may be followed by the better reason
constexpr Millis VagueWait = 4s; // one that says nothing is
constexpr std::size_t MostAnnounced = 24;

using Say = std::function<void(const Error &step)>;

const Error Stopped{SG_TR("stopped"), {}, {}};

Error explainReach(const std::string &address, const Reach &reach)
{
    using How = Reach::How;
    switch (reach.how) {
    case How::NotKnown:
        return {SG_TR("kafka: resolve: %1 cannot be resolved here (%2); check the name, or this machine's name server"),
                {address, reach.why},
                {}};
    case How::Refused:
        return {SG_TR("kafka: TCP: %1 refuses connections (%2); check the port, and whether the broker runs"), {address, reach.why}, {}};
    case How::Silent:
        return {SG_TR("kafka: TCP: %1 does not answer within %2 s; a firewall may drop what is sent there"),
                {address, std::to_string(std::chrono::seconds(3).count())},
                {}};
    case How::NoRoute:
        return {SG_TR("kafka: TCP: no way to %1 from here (%2)"), {address, reach.why}, {}};
    case How::Answers:
    case How::Stopped:
        break;
    }
    return Stopped;
}

// One that answers is enough to begin with.
Result<Done> reachBootstrap(const KafkaSettings &settings, const Say &say, const std::stop_token &stop)
{
    std::optional<Error> first;
    for (const std::string &broker : settings.brokers) {
        const ServerAddress address = kafkaAddress(broker);
        const std::string name = shown(address.text());
        const Reach reach = reachServer(address, ReachLimit, stop);
        if (reach.how == Reach::How::Stopped)
            return Stopped;
        if (reach.how == Reach::How::Answers) {
            say(Error{SG_TR("%1 is known here and takes connections"), {name}, {}});
            return Done{};
        }
        const Error failed = explainReach(name, reach);
        if (settings.brokers.size() > 1)
            say(failed);
        if (!first)
            first = failed;
    }
    return *first;
}

Error explainAnnounced(const KafkaCluster::Broker &broker, const Reach &reach)
{
    using How = Reach::How;
    const std::vector<std::string> args{std::to_string(broker.id), shown(broker.address)};
    switch (reach.how) {
    case How::NotKnown:
        return {SG_TR("kafka: advertised listener: bootstrap answers, broker %1 announces %2, which cannot be resolved here; the cluster "
                      "needs an advertised listener that is known here, or this machine an entry for it in its hosts"),
                args,
                {}};
    case How::Refused:
        return {
            SG_TR("kafka: advertised listener: bootstrap answers, broker %1 announces %2, which refuses connections from here"), args, {}};
    case How::Silent:
    case How::NoRoute:
        return {SG_TR("kafka: advertised listener: bootstrap answers, broker %1 announces %2, which does not answer from here"), args, {}};
    case How::Answers:
    case How::Stopped:
        break;
    }
    return Stopped;
}

// All at a time: what does not answer takes the whole limit.
Result<Done> reachAnnounced(const KafkaCluster &cluster, const std::stop_token &stop)
{
    const std::size_t count = std::min(cluster.brokers.size(), MostAnnounced);
    std::vector<Reach> reached(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i] { reached[i] = reachServer(kafkaAddress(cluster.brokers[i].address), ReachLimit, stop); });
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (reached[i].how != Reach::How::Answers)
            return explainAnnounced(cluster.brokers[i], reached[i]);
    }
    return Done{};
}

Result<KafkaCluster> firstAnswer(KafkaClient &client, KafkaClient::Ask ask, const std::stop_token &stop)
{
    const Mono began = Mono::clock::now();
    while (true) {
        auto cluster = client.cluster(ask, 250ms);
        client.poll();
        if (cluster)
            return cluster;
        if (stop.stop_requested())
            return Stopped;
        // A person waits for this answer, so nobody tries again whether a refused connection is refused.
        const auto took = Mono::clock::now() - began;
        const bool isTold = client.isDown() && client.why() && !isVagueKafka(*client.why());
        if (client.isHopeless() || took > AnswerLimit || (client.isDown() && took > VagueWait) || (isTold && took > LeastWait))
            return client.why() ? *client.why() : cluster.error();
    }
}

}

Result<KafkaConnected> connectInSteps(const KafkaSettings &settings, KafkaClient::Use use, KafkaClient::Ask ask, const Say &say,
                                      const std::stop_token &stop)
{
    if (auto reached = reachBootstrap(settings, say, stop); !reached)
        return reached.error();
    KafkaConnected connected;
    try {
        auto opened = KafkaClient::open(settings, use);
        if (!opened)
            return opened.error();
        connected.client = *std::move(opened);
    } catch (const Refusal &refusal) {
        return refusal.error;
    }
    auto cluster = firstAnswer(*connected.client, ask, stop);
    if (!cluster)
        return cluster.error();
    connected.cluster = *std::move(cluster);
    if (settings.usesTls() && settings.isCertificateChecked)
        say(Error{SG_TR("TLS: the broker's certificate is trusted"), {}, {}});
    else if (settings.usesTls())
        say(Error{SG_TR("TLS, but the broker's certificate is not checked"), {}, {}});
    if (settings.usesSasl())
        say(Error{SG_TR("logged in with %1"), {settings.mechanism}, {}});
    say(Error{SG_TR("connected; the cluster announces %1 brokers"), {std::to_string(connected.cluster.brokers.size())}, {}});
    if (auto reached = reachAnnounced(connected.cluster, stop); !reached)
        return reached.error();
    return connected;
}

}
