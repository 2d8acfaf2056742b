#include "connectors/kafka/kafkareader.h"

#include "core/text.h"

#include <algorithm>

// Where the reader reads: which partitions are its own, where each begins, and where its end was.
namespace sg {
namespace {
using namespace std::chrono_literals;
constexpr Millis AskLimit = 1500ms; // for one question to the brokers; a stop waits no longer than this
}

Result<Done> KafkaReader::adopt(const std::vector<KafkaTopicInfo> &found, const Positions &from, bool isFirst)
{
    noteMissing(found);
    std::vector<KafkaPartition *> stored, fresh, appeared;
    // Made here and handed to the table only when everything is known.
    std::vector<std::unique_ptr<KafkaPartition>> made;
    std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> captures;
    for (const KafkaTopicInfo &topic : found) {
        if (topic.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
            m_hint = explainTopic(topic);
        const bool isInternal = topic.name.starts_with("__") && m_settings.hasPatterns();
        auto match = isInternal ? std::nullopt : m_settings.choice.match(topic.name);
        if (!match)
            continue;
        const std::string prefix = topic.name + '/';
        const auto nearest = from.lower_bound(prefix);
        const bool wasRead = nearest != from.end() && nearest->first.starts_with(prefix);
        for (const std::int32_t id : topic.partitions) {
            if (m_partitions.has(topic.name, id))
                continue;
            auto &partition = made.emplace_back(std::make_unique<KafkaPartition>());
            partition->id = id;
            partition->stream = prefix + std::to_string(id);
            const auto known = from.find(partition->stream);
            const auto position = known == from.end() ? std::nullopt : KafkaPosition::parse(known->second);
            if (position)
                partition->position = *position;
            // What appeared while we watched, or beside partitions that we have read, is new as a whole: nothing of it is skipped.
            (position ? stored : !isFirst || wasRead ? appeared : fresh).push_back(partition.get());
        }
        captures.emplace(topic.name, *std::move(match));
    }
    if (made.empty())
        return Done{};

    std::vector<KafkaPlace> places;
    // From the record read last, where it is known: it is compared, and not taken again.
    for (const KafkaPartition *partition : stored) {
        const KafkaPosition &position = partition->position;
        places.push_back(
            {partition->stream.substr(0, partition->stream.rfind('/')), partition->id, position.last < 0 ? position.next : position.last});
    }
    if (auto placed = placeFresh(std::move(fresh), m_settings.start, places); !placed)
        return placed;
    if (auto placed = placeFresh(std::move(appeared), {KafkaStart::From::Earliest}, places); !placed)
        return placed;
    auto ends = m_client.offsetsAt(places, RD_KAFKA_OFFSET_END, AskLimit);
    if (!ends)
        return ends.error();
    // A partition that the brokers know nothing of for now comes with a later list.
    std::erase_if(*ends, [](const KafkaPlace &place) { return place.offset == NoOffset; });
    std::erase_if(places, [&ends](const KafkaPlace &place) {
        return std::ranges::none_of(
            *ends, [&place](const KafkaPlace &end) { return end.topic == place.topic && end.partition == place.partition; });
    });
    if (places.empty())
        return Done{};
    if (isFirst)
        askForBacklog(places, *ends, from);
    if (auto assigned = m_client.assign(places); !assigned)
        return assigned;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const KafkaPlace &place = places[i];
        KafkaTopic *topic = m_partitions.topic(m_client.handle(), place.topic, captures[place.topic]);
        if (topic == nullptr)
            continue;
        KafkaPartition &partition = *m_partitions.add(*topic, place.partition);
        const auto known = from.find(partition.stream);
        if (const auto position = known == from.end() ? std::nullopt : KafkaPosition::parse(known->second)) {
            partition.position = *position;
            partition.isChecking = position->last >= 0;
        } else {
            partition.position.next = place.offset;
            moved(partition); // kept at once, or a restart before the first record would begin elsewhere
        }
        partition.end = (*ends)[i].offset;
        partition.isBehind = partition.position.next < partition.end;
        if (partition.isBehind && ++m_behind == 1 && !isFirst)
            startCatchingUp();
    }
    return Done{};
}

Result<Done> KafkaReader::placeFresh(std::vector<KafkaPartition *> fresh, KafkaStart start, std::vector<KafkaPlace> &places)
{
    if (fresh.empty())
        return Done{};
    std::vector<KafkaPlace> asked;
    for (const KafkaPartition *partition : fresh)
        asked.push_back({partition->stream.substr(0, partition->stream.rfind('/')), partition->id, -1});
    std::int64_t when = RD_KAFKA_OFFSET_END;
    switch (start.from) {
    case KafkaStart::From::Earliest:
        when = RD_KAFKA_OFFSET_BEGINNING;
        break;
    case KafkaStart::From::Latest:
    case KafkaStart::From::Last:
        break;
    case KafkaStart::From::Ago:
        // The machine's clock, and not the reference: the question is how much history to show, not what time it is.
        start.at = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now()) - start.ago;
        [[fallthrough]];
    case KafkaStart::From::At:
        when = std::max<std::int64_t>(0, start.at.time_since_epoch().count() / 1000);
        break;
    }
    auto begin = m_client.offsetsAt(asked, when, AskLimit);
    if (!begin)
        return begin.error();
    std::erase_if(*begin, [](const KafkaPlace &place) { return place.offset == NoOffset; });
    if (std::ranges::any_of(*begin, [](const KafkaPlace &place) { return place.offset < 0; })) { // nothing that new: its end
        const auto ends = m_client.offsetsAt(*begin, RD_KAFKA_OFFSET_END, AskLimit);
        if (!ends)
            return ends.error();
        for (std::size_t i = 0; i < begin->size(); ++i) {
            if ((*begin)[i].offset < 0)
                (*begin)[i].offset = (*ends)[i].offset;
        }
        std::erase_if(*begin, [](const KafkaPlace &place) { return place.offset == NoOffset; });
    }
    if (start.from == KafkaStart::From::Last) {
        const auto lows = m_client.offsetsAt(*begin, RD_KAFKA_OFFSET_BEGINNING, AskLimit);
        if (!lows)
            return lows.error();
        for (std::size_t i = 0; i < begin->size(); ++i) {
            std::int64_t &offset = (*begin)[i].offset;
            offset = std::min(offset, std::max((*lows)[i].offset, offset - start.last));
        }
    }
    places.insert(places.end(), begin->begin(), begin->end());
    return Done{};
}

void KafkaReader::noteMissing(const std::vector<KafkaTopicInfo> &found)
{
    m_missing.clear();
    for (const TopicPattern &pattern : m_settings.choice.topics) {
        const bool isThere = std::ranges::any_of(
            found, [&pattern](const KafkaTopicInfo &topic) { return !topic.partitions.empty() && pattern.match(topic.name).has_value(); });
        if (isThere)
            continue;
        if (pattern.isPlain())
            m_missing.push_back(Error{SG_TR("topic '%1' does not exist on the broker, or may not be read"), {shown(pattern.text())}});
        else
            m_missing.push_back(Error{SG_TR("no topic matches '%1' yet"), {shown(pattern.text())}});
    }
}

Result<Done> KafkaReader::noteEnds()
{
    std::vector<KafkaPlace> places;
    for (const KafkaPartition *partition : m_partitions.all())
        places.push_back({partition->topic->name, partition->id, -1});
    const auto ends = m_client.offsetsAt(std::move(places), RD_KAFKA_OFFSET_END, AskLimit);
    if (!ends)
        return ends.error();
    m_behind = 0;
    for (std::size_t i = 0; i < ends->size(); ++i) {
        KafkaPartition &partition = *m_partitions.all()[i];
        if ((*ends)[i].offset != NoOffset)
            partition.end = (*ends)[i].offset;
        partition.isBehind = partition.position.next < partition.end;
        m_behind += partition.isBehind ? 1 : 0;
    }
    return Done{};
}

}
