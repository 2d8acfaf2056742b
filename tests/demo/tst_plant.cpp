#include "connectors/demo/plant.h"

#include <QtTest>

#include <cmath>

using namespace sg;

namespace {

constexpr std::int64_t PerSecond = 10; // steps

// Values of one field of one thing, by second, over [from, to) seconds.
std::vector<std::pair<double, double>> valuesOf(const Plant &plant, PlantPart part, const std::string &thing, const std::string &field,
                                                int from, int to)
{
    std::vector<std::pair<double, double>> out;
    for (std::int64_t n = from * PerSecond; n < to * PerSecond; ++n)
        for (const PlantMessage &message : plant.step(part, n))
            for (const PlantReading &reading : message.readings)
                if (message.thing == thing && reading.field == field)
                    out.emplace_back(static_cast<double>(n) / PerSecond, reading.value);
    return out;
}

// When a value rises above `limit` and when it is back below `clear`, in seconds; both empty when it never does.
std::vector<std::pair<double, double>> alarmsOf(const std::vector<std::pair<double, double>> &values, double limit, double clear)
{
    std::vector<std::pair<double, double>> out;
    bool isOn = false;
    for (const auto &[t, value] : values) {
        if (!isOn && value > limit) {
            isOn = true;
            out.emplace_back(t, 1e9);
        } else if (isOn && value < clear) {
            isOn = false;
            out.back().second = t;
        }
    }
    return out;
}

}

class TestPlant : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isTheSameForTheSameSeed();
    void saysEverythingAtOnce();
    void opensWithTheSchedule();
    void gatewayDropsOutAndComesBack();
    void chattersWithoutADeadband();
    void isQuietBeforeItWasOpened();
    void settles();
    void looksLikeSensors();
};

void TestPlant::isTheSameForTheSameSeed()
{
    const auto text = [](const Plant &plant) {
        std::string out;
        for (const PlantPart part : {PlantPart::Press, PlantPart::Pumps, PlantPart::Gateways, PlantPart::Orders})
            for (std::int64_t n = -50; n < 500; ++n)
                for (const PlantMessage &m : plant.step(part, n))
                    for (const PlantReading &r : m.readings)
                        out += m.thing + r.field + std::to_string(r.value) + ";";
        return out;
    };
    QCOMPARE(text(Plant(1)), text(Plant(1)));
    QVERIFY(text(Plant(1)) != text(Plant(2)));
}

void TestPlant::saysEverythingAtOnce()
{
    const Plant plant(1);
    QCOMPARE(plant.step(PlantPart::Press, 0).size(), std::size_t(12));
    QCOMPARE(plant.step(PlantPart::Pumps, 0).size(), std::size_t(6));
    QCOMPARE(plant.step(PlantPart::Gateways, 0).size(), std::size_t(3));
    QCOMPARE(plant.step(PlantPart::Orders, 0).size(), std::size_t(3));
}

void TestPlant::opensWithTheSchedule()
{
    for (const std::uint64_t seed : {1U, 2U, 3U, 99U}) {
        const Plant plant(seed);
        const auto hot = alarmsOf(valuesOf(plant, PlantPart::Press, "P-03", "temp", 0, 60), 80, 78);
        QCOMPARE(hot.size(), std::size_t(1));
        QVERIFY2(hot[0].first > 5 && hot[0].first < 9, std::to_string(hot[0].first).c_str());
        QVERIFY2(hot[0].second > 22 && hot[0].second < 28, std::to_string(hot[0].second).c_str());
        for (const auto &[t, state] : valuesOf(plant, PlantPart::Press, "P-07", "state", 0, 60))
            QCOMPARE(state, t >= 32 && t < 50 ? StateFault : StateRunning);
    }
}

void TestPlant::gatewayDropsOutAndComesBack()
{
    const Plant plant(1);
    const auto beats = valuesOf(plant, PlantPart::Gateways, "G2", "beat", 0, 60);
    double longest = 0, from = 0;
    for (std::size_t i = 1; i < beats.size(); ++i) {
        if (beats[i].first - beats[i - 1].first > longest) {
            longest = beats[i].first - beats[i - 1].first;
            from = beats[i - 1].first;
        }
        QVERIFY(beats[i].second >= beats[i - 1].second); // a counter; step 0 repeats it
    }
    QVERIFY2(longest > 24 && longest < 29 && from > 17 && from < 20.1, std::to_string(longest).c_str());
    QVERIFY(valuesOf(plant, PlantPart::Pumps, "PU-03", "flow", 21, 44).empty()); // behind this gateway
    for (const PlantMessage &message : plant.step(PlantPart::Gateways, 0))
        QCOMPARE(message.clockError, message.thing == "G3" ? std::chrono::microseconds(-180'000'000) : std::chrono::microseconds(0));
}

void TestPlant::chattersWithoutADeadband()
{
    const auto values = valuesOf(Plant(1), PlantPart::Pumps, "PU-06", "vibration", 0, 1300);
    const auto minute = valuesOf(Plant(1), PlantPart::Pumps, "PU-06", "vibration", 0, 60);
    QVERIFY(alarmsOf(minute, 4.5, 4.5).size() >= 4);
    const auto held = alarmsOf(values, 4.5, 4.0);
    QCOMPARE(held.size(), std::size_t(1));
    QVERIFY(held[0].second < 1230);
}

void TestPlant::isQuietBeforeItWasOpened()
{
    const Plant plant(1);
    for (std::int64_t n = -6000; n < 0; ++n) {
        for (const PlantMessage &m : plant.step(PlantPart::Press, n))
            QVERIFY(m.readings[0].value < 78 && m.readings[2].value < 4 && m.readings[3].value != StateFault);
        for (const PlantMessage &m : plant.step(PlantPart::Pumps, n))
            QVERIFY(m.readings[1].value > 4.3 && m.readings[2].value < 4);
    }
    QVERIFY(valuesOf(plant, PlantPart::Gateways, "G2", "beat", -600, 0).size() >= 290);
}

// Six hours, the opening left out, the chattering rule with its deadband: about one alarm in ten minutes.
void TestPlant::settles()
{
    const Plant plant(1);
    constexpr std::int64_t From = 1300 * PerSecond, To = From + 6 * 3600 * PerSecond;
    std::map<std::string, bool> isOn;
    std::map<std::string, std::int64_t> beats;
    int alarms = 0;
    const auto judge = [&](const std::string &what, double value, double limit, double clear) {
        bool &on = isOn[what];
        alarms += !on && value > limit ? 1 : 0;
        on = value > limit || (on && value >= clear);
    };
    for (std::int64_t n = From; n < To; ++n) {
        for (const PlantMessage &m : plant.step(PlantPart::Press, n)) {
            judge(m.thing + " hot", m.readings[0].value, 80, 78);
            judge(m.thing + " fault", m.readings[3].value == StateFault ? 1 : 0, 0.5, 0.5);
            QVERIFY(m.readings[0].value < 95 && m.readings[2].value < 4);
        }
        for (const PlantMessage &m : plant.step(PlantPart::Pumps, n)) {
            judge(m.thing + " vibration", m.readings[2].value, 4.5, 4.0);
            QVERIFY(m.readings[1].value > 4.3);
        }
        for (const PlantMessage &m : plant.step(PlantPart::Gateways, n)) {
            const auto last = beats.find(m.thing);
            alarms += last != beats.end() && n - last->second > 8 * PerSecond ? 1 : 0;
            beats[m.thing] = n;
        }
    }
    QVERIFY2(alarms >= 26 && alarms <= 54, std::to_string(alarms).c_str());
}

void TestPlant::looksLikeSensors()
{
    const Plant plant(1);
    const auto temps = valuesOf(plant, PlantPart::Press, "P-01", "temp", 0, 1200);
    double least = 1e9, most = -1e9;
    for (const auto &[t, value] : temps) {
        QCOMPARE(std::round(value * 10) / 10, value); // a sensor of a tenth of a degree
        least = std::min(least, value);
        most = std::max(most, value);
    }
    QVERIFY(most - least > 4 && most - least < 20);
    double last = 0;
    for (std::int64_t n = -6000; n < 60000; ++n)
        for (const PlantMessage &m : plant.step(PlantPart::Orders, n))
            if (m.line == "L2") {
                QVERIFY(m.readings[0].value >= last); // a counter
                QVERIFY(m.readings[1].value <= m.readings[0].value);
                last = m.readings[0].value;
            }
}

QTEST_GUILESS_MAIN(TestPlant)
#include "tst_plant.moc"
