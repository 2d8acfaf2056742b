#include "connectors/kafka/kafkasource.h"

#include "connectors/kafka/kafkabrowser.h"
#include "connectors/kafka/kafkahistory.h"
#include "connectors/kafka/kafkareader.h"
#include "connectors/kafka/kafkatrial.h"

namespace sg {
namespace {

class KafkaSource final : public Source
{
public:
    explicit KafkaSource(const SourceSpec &spec)
        : m_lateness(spec.lateness)
        , m_intake(spec)
    {
        const auto faults = readKafkaSettings(spec, SecretUse::Read, m_settings);
        if (!faults.empty())
            throw Refusal{faults.front()};
    }

    Error run(Lane &lane, const Positions &from, std::stop_token stop) override
    {
        auto client = KafkaClient::open(m_settings);
        if (!client)
            return client.error();
        KafkaReader reader(m_settings, **client, m_intake, m_carry, lane);
        return reader.run(from, stop);
    }

    Result<Done> readBack(Lane &lane, Time from, Time to, std::stop_token stop) override
    {
        auto client = KafkaClient::open(m_settings, KafkaClient::Use::ReadBack);
        if (!client)
            return client.error();
        return KafkaHistory(m_settings, **client, m_intake, lane).read(from, to, m_lateness, stop);
    }

private:
    const Micros m_lateness;
    KafkaSettings m_settings;
    Intake m_intake;
    KafkaCarry m_carry;
};

std::vector<Error> checkKafka(const SourceSpec &spec)
{
    KafkaSettings settings;
    std::vector<Error> faults = readKafkaSettings(spec, SecretUse::Skip, settings);
    if (spec.declaration.isMissing()) // of a route, which reads nothing
        return faults;
    for (Error &fault : Intake::check(spec))
        faults.push_back(std::move(fault));
    return faults;
}

std::unique_ptr<Source> makeKafka(const SourceSpec &spec)
{
    return std::make_unique<KafkaSource>(spec);
}

}

SourceKind kafkaKind()
{
    SourceKind kind;
    kind.name = "kafka";
    kind.label = SG_TR("Kafka");
    kind.fields = kafkaFields();
    kind.isReplayable = true;
    kind.check = checkKafka;
    kind.make = makeKafka;
    kind.test = tryKafka;
    kind.browse = browseKafka;
    return kind;
}

}
