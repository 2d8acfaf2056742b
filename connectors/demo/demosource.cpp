#include "connectors/demo/demosource.h"

#include "connectors/demo/plantmessage.h"
#include "core/text.h"
#include "decode/intake.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sg {

namespace {

constexpr const char *Parts[] = {"press", "pumps", "gateways", "orders"};
constexpr const char *Stream = "demo";
constexpr auto HistoryLength = std::chrono::minutes(10);
constexpr std::int64_t MostHistorySteps = 6000;
constexpr std::int64_t HistoryStepsPerBatch = 500;
constexpr auto BreathAfterHistory = std::chrono::milliseconds(150);
constexpr auto ReportEvery = std::chrono::seconds(1);
constexpr auto LongestCatchUp = std::chrono::seconds(5); // a machine that slept longer than this has a gap

constexpr Field DemoFields[] = {
    {"plant", FieldType::Choice, true, "press", "", SG_TR("Part of the plant"), SG_TR("Which machines send."), Parts},
    {"seed", FieldType::Integer, false, "1", "", SG_TR("Seed"), SG_TR("The same seed makes the same values.")},
    {"speed", FieldType::Number, false, "1", "", SG_TR("Speed"), SG_TR("How many seconds of the plant pass in one.")},
};

struct DemoSettings
{
    PlantPart part = PlantPart::Press;
    std::uint64_t seed = 1;
    double speed = 1;
};

std::vector<Error> checkDemo(const SourceSpec &spec, DemoSettings &out)
{
    std::vector<Error> faults = check(spec.settings, DemoFields);
    if (!faults.empty())
        return faults;
    const std::string part = spec.settings.text("plant");
    for (std::size_t i = 0; i < std::size(Parts); ++i)
        if (part == Parts[i])
            out.part = static_cast<PlantPart>(i);
    if (const Node &seed = spec.settings["seed"]; !seed.isMissing()) {
        const auto number = readNumber(seed, "seed");
        if (number && *number >= 0 && *number <= 1e9)
            out.seed = static_cast<std::uint64_t>(*number);
        else
            faults.push_back(seed.error(SG_TR("seed: '%1' is not a whole number from 0 to 1000000000"), {shown(seed.scalar, 40)}));
    }
    if (const Node &speed = spec.settings["speed"]; !speed.isMissing()) {
        const auto number = readNumber(speed, "speed");
        if (number && *number >= 0.1 && *number <= 100)
            out.speed = *number;
        else
            faults.push_back(speed.error(SG_TR("speed: '%1' is not a number from 0.1 to 100"), {shown(speed.scalar, 40)}));
    }
    return faults;
}

DemoSettings settingsOf(const SourceSpec &spec)
{
    DemoSettings settings;
    const std::vector<Error> faults = checkDemo(spec, settings);
    if (!faults.empty())
        throw Refusal{faults.front()};
    return settings;
}

Time wallNow()
{
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

// "1 STEP EPOCH": the newest step that was sent, and the wall time of step 0 in microseconds.
struct Place
{
    std::int64_t step = -1;
    Time epoch{};

    [[nodiscard]] std::string text() const { return "1 " + std::to_string(step) + " " + std::to_string(epoch.time_since_epoch().count()); }
    static std::optional<Place> read(std::string_view text)
    {
        Place place;
        std::int64_t epoch = 0;
        if (!text.starts_with("1 "))
            return std::nullopt;
        const char *end = text.data() + text.size();
        const auto step = std::from_chars(text.data() + 2, end, place.step);
        if (step.ec != std::errc() || step.ptr == end || *step.ptr != ' ')
            return std::nullopt;
        const auto wall = std::from_chars(step.ptr + 1, end, epoch);
        if (wall.ec != std::errc() || wall.ptr != end)
            return std::nullopt;
        place.epoch = Time(Micros(epoch));
        return place;
    }
};

class DemoSource : public Source
{
public:
    explicit DemoSource(const SourceSpec &spec)
        : m_settings(settingsOf(spec))
        , m_spec(spec)
        , m_intake(spec)
        , m_plant(m_settings.seed)
        , m_stepTime(std::llround(static_cast<double>(Micros(PlantStep).count()) / m_settings.speed))
    {
    }

    Error run(Lane &lane, const Positions &from, std::stop_token stop) override
    {
        m_reported = {};
        report(lane);
        const auto stored = from.find(Stream);
        const std::optional<Place> place = stored == from.end() ? std::nullopt : Place::read(stored->second);
        if (place) {
            resume(*place);
        } else {
            m_place = {-1, wallNow()};
            sendHistory(lane, stop);
        }
        while (!stop.stop_requested()) {
            // What the step's own time says, not a count of sleeps: a late wake-up sends what is due.
            const Time now = wallNow();
            const std::int64_t due = (now - m_place.epoch) / m_stepTime;
            if (now - timeOf(m_place.step + 1) > LongestCatchUp || due < m_place.step - 10)
                resume(m_place);
            while (m_place.step < due && !stop.stop_requested())
                sendStep(lane, stop);
            report(lane);
            sleepUntil(timeOf(m_place.step + 1), stop);
        }
        return Error{SG_TR("stopped"), {}, {}};
    }

private:
    [[nodiscard]] Time timeOf(std::int64_t step) const { return m_place.epoch + step * m_stepTime; }

    // The plant ran on while nobody watched, and kept nothing. A clock that was set back moves the plant's epoch instead.
    void resume(const Place &place)
    {
        const Time now = wallNow();
        m_place = place;
        const Time stoodAt = timeOf(place.step);
        const std::int64_t due = (now - place.epoch) / m_stepTime;
        if (due <= place.step)
            m_place.epoch = now - (place.step + 1) * m_stepTime;
        else
            m_place.step = due - 1;
        if (now > stoodAt + m_stepTime)
            m_intake.add(Mark(Gap{stoodAt, now, Error{SG_TR("the demo plant keeps nothing while nobody watches"), {}, {}}}));
    }

    void addStep(Intake &intake, std::int64_t step)
    {
        for (const PlantMessage &said : m_plant.step(m_settings.part, step)) {
            const Message &message = m_text.write(m_settings.part, said, timeOf(step), step);
            m_bytes += message.payload.size();
            (void)intake.add(message); // Intake counts and shows what it refuses
        }
    }

    void sendStep(Lane &lane, std::stop_token stop)
    {
        ++m_place.step;
        addStep(m_intake, m_place.step);
        Batch batch = m_intake.seal({{Stream, m_place.text()}}, Mono::clock::now());
        while (!lane.push(batch) && !stop.stop_requested())
            lane.waitForRoom(stop);
    }

    // By an intake of its own, because older rows are numbered apart from live ones.
    void sendHistory(Lane &lane, std::stop_token stop)
    {
        const std::int64_t steps = std::min<std::int64_t>(MostHistorySteps, std::chrono::duration_cast<Micros>(HistoryLength) / m_stepTime);
        Intake past(m_spec);
        for (std::int64_t step = -steps; step < 0; ++step) {
            addStep(past, step);
            if ((step + 1) % HistoryStepsPerBatch != 0)
                continue;
            Batch batch = past.seal({}, Mono::clock::now());
            while (!lane.pushHistory(batch) && !stop.stop_requested())
                lane.waitForRoom(stop);
        }
        // Live rows begin when the past is most likely taken: it costs less to append than to insert.
        m_place.epoch = wallNow() + BreathAfterHistory;
        sleepUntil(m_place.epoch, stop);
    }

    void report(Lane &lane)
    {
        const Mono now = Mono::clock::now();
        if (m_reported != Mono{} && now - m_reported < ReportEvery)
            return;
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        status.lag = 0;
        m_intake.describe(status);
        if (m_reported != Mono{}) {
            const double seconds = std::chrono::duration<double>(now - m_reported).count();
            status.messagesPerSecond = static_cast<double>(status.messages - m_reportedMessages) / seconds;
            status.bytesPerSecond = static_cast<double>(m_bytes - m_reportedBytes) / seconds;
        }
        m_reported = now;
        m_reportedMessages = status.messages;
        m_reportedBytes = m_bytes;
        lane.report(std::move(status));
    }

    static void sleepUntil(Time until, std::stop_token stop)
    {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, std::clamp<Micros>(until - wallNow(), Micros(1000), std::chrono::seconds(1)), [] { return false; });
    }

    const DemoSettings m_settings;
    const SourceSpec m_spec;
    Intake m_intake;
    const Plant m_plant;
    const Micros m_stepTime;
    PlantText m_text;
    Place m_place;
    std::uint64_t m_bytes = 0;
    Mono m_reported{};
    std::uint64_t m_reportedMessages = 0, m_reportedBytes = 0;
};

}

SourceKind demoKind()
{
    SourceKind kind;
    kind.name = "demo";
    kind.label = SG_TR("Demo plant");
    kind.fields = DemoFields;
    kind.isReplayable = false;
    kind.check = [](const SourceSpec &spec) {
        DemoSettings settings;
        std::vector<Error> faults = checkDemo(spec, settings);
        for (Error &fault : Intake::check(spec))
            faults.push_back(std::move(fault));
        return faults;
    };
    kind.make = [](const SourceSpec &spec) -> std::unique_ptr<Source> { return std::make_unique<DemoSource>(spec); };
    kind.test = [](const SourceSpec &, const std::function<void(const Error &)> &say, std::stop_token) -> Result<Done> {
        say(Error{SG_TR("the demo plant runs inside this program"), {}, {}});
        return Done();
    };
    return kind;
}

}
