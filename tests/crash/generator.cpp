// Feeds the three real servers of a stack until it is told to stop, and writes down every record that its server has acknowledged:
// what a reader may neither lose nor see twice. Nothing of Sightglass is linked.
//
//     crash_generator FOLDER SEED        addresses in the environment, as `./dev stack up` prints them
//
// FOLDER/kafka.csv, mqtt.csv, postgres.csv, timed.csv, a line a record, in order for each key:
//     key,stamp in ms,value,handed over at us,acknowledged at us,partition,offset
// Prints "ready" when the servers have what they need, and begins at a first line on standard input. The end of standard input stops
// it: it gives away what it holds, then says "done".
#include <librdkafka/rdkafka.h>
#include <mqtt/client.h>
#include <pqxx/pqxx>

#include <atomic>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr auto Period = 50ms; // of each key's samples
constexpr int Swings = 8; // keys of each source that alarm and clear
constexpr int BallastKeys = 40; // Kafka's keys that never alarm: the load
constexpr double Pi = 3.14159265358979323846;

std::atomic<bool> isStopping = false;

std::int64_t nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

const char *address(const char *name)
{
    const char *text = std::getenv(name);
    if (text == nullptr)
        throw std::runtime_error(std::string(name) + " is not set");
    return text;
}

struct Sample
{
    std::string key;
    std::int64_t stamp = 0; // ms, strictly rising for its key
    std::string value; // as it is sent, so that everybody reads the same number
    std::int64_t handedOver = 0; // us
};

// One thing that is measured. Its samples depend on the seed and the time they are asked for.
class Signal
{
public:
    enum class Kind { Swing, Steady, Ballast, Pulse, Trip };
    // `number`: of Steady the value in the end, of Trip when it comes, in seconds.
    Signal(std::string key, Kind kind, double number, unsigned seed)
        : m_key(std::move(key))
        , m_kind(kind)
        , m_number(number)
        , m_random(seed)
        , m_period(3.0 + 6.0 * draw())
        , m_phase(2 * Pi * draw())
        , m_began(std::chrono::steady_clock::now())
    {
    }

    Sample next()
    {
        const double t = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_began).count();
        double value = 0;
        switch (m_kind) {
        case Kind::Swing: // crosses its limits every few seconds, with noise that is larger than the deadband
            value = 50 + 38 * std::sin(2 * Pi * t / m_period + m_phase) + 10 * (draw() - 0.5);
            break;
        case Kind::Steady: // alarms once, and for good
            value = t < 4 ? 50 : m_number + draw();
            break;
        case Kind::Pulse: // high and low for times that are shorter and longer than the delays of its rules
            if (t >= m_turn) {
                m_isHigh = !m_isHigh;
                m_turn = t + 0.2 + 3.8 * draw() * draw();
            }
            value = (m_isHigh ? 85 : 40) + draw();
            break;
        case Kind::Trip: // high once, for a second
            value = (t >= m_number && t < m_number + 1 ? 85 : 40) + draw();
            break;
        case Kind::Ballast:
            value = 40 + 10 * draw();
            break;
        }
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", value);
        m_last = std::max(nowUs() / 1000, m_last + 1);
        return {m_key, m_last, text, nowUs()};
    }

private:
    double draw() { return std::uniform_real_distribution<double>(0, 1)(m_random); }

    std::string m_key;
    Kind m_kind;
    double m_number;
    std::mt19937 m_random;
    double m_period, m_phase;
    double m_turn = 3; // of Pulse, in seconds
    bool m_isHigh = false;
    std::chrono::steady_clock::time_point m_began;
    std::int64_t m_last = 0;
};

std::vector<Signal> signalsOf(unsigned seed, double steady, int ballast)
{
    std::vector<Signal> out;
    for (int i = 0; i < Swings; ++i)
        out.emplace_back("swing" + std::to_string(i), Signal::Kind::Swing, 0, seed * 1000 + static_cast<unsigned>(i));
    out.emplace_back("steady", Signal::Kind::Steady, steady, seed * 1000 + 500);
    for (int i = 0; i < ballast; ++i)
        out.emplace_back("ballast" + std::to_string(i), Signal::Kind::Ballast, 0, seed * 1000 + 600 + static_cast<unsigned>(i));
    return out;
}

// What rules with delays, latches, shelves and windows watch: see oracle.py.
std::vector<Signal> timedSignals(unsigned seed)
{
    constexpr int Pulses = 4, Trips = 8, Shelves = 3, Waves = 4;
    std::vector<Signal> out;
    const auto add = [&out, seed](const char *name, int i, Signal::Kind kind, double number) {
        out.emplace_back(name + std::to_string(i), kind, number, seed * 1000 + static_cast<unsigned>(out.size()));
    };
    for (int i = 0; i < Pulses; ++i)
        add("pulse", i, Signal::Kind::Pulse, 0);
    for (int i = 0; i < Trips; ++i)
        add("trip", i, Signal::Kind::Trip, 5 + 5 * i);
    for (int i = 0; i < Shelves; ++i)
        add("shelf", i, Signal::Kind::Steady, 95);
    for (int i = 0; i < Waves; ++i)
        add("wave", i, Signal::Kind::Swing, 0);
    return out;
}

// One thread at a time.
class Log
{
public:
    Log(const std::string &folder, const char *source)
        : m_out(folder + "/" + source + ".csv")
    {
    }
    void add(const Sample &s, std::int64_t acknowledged, int partition = -1, std::int64_t offset = -1)
    {
        m_out << s.key << ',' << s.stamp << ',' << s.value << ',' << s.handedOver << ',' << acknowledged << ',' << partition << ','
              << offset << '\n';
    }
    void flush() { m_out.flush(); }

private:
    std::ofstream m_out;
};

class Kafka
{
public:
    Kafka(const std::string &folder, const char *source, const char *topic, std::vector<Signal> signalsSent)
        : m_topic(topic)
        , m_log(folder, source)
        , m_signals(std::move(signalsSent))
    {
        char error[512] = "";
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        const std::pair<const char *, const char *> settings[] = {{"bootstrap.servers", address("SG_KAFKA_BROKERS")},
                                                                  {"enable.idempotence", "true"},
                                                                  {"acks", "all"},
                                                                  {"linger.ms", "5"},
                                                                  {"message.timeout.ms", "240000"},
                                                                  {"reconnect.backoff.max.ms", "500"},
                                                                  {"retry.backoff.ms", "100"},
                                                                  {"log_level", "0"}};
        for (const auto &[name, value] : settings) {
            if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK)
                throw std::runtime_error(error);
        }
        rd_kafka_conf_set_opaque(conf, this);
        rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t *, const rd_kafka_message_t *message, void *self) {
            const std::unique_ptr<Sample> sample(static_cast<Sample *>(message->_private));
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                std::fprintf(stderr, "generator: Kafka never took a record: %s\n", rd_kafka_err2str(message->err));
                std::exit(1);
            }
            static_cast<Kafka *>(self)->m_log.add(*sample, nowUs(), message->partition, message->offset);
        });
        m_handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
        if (m_handle == nullptr)
            throw std::runtime_error(error);
        createTopic();
    }
    ~Kafka() { rd_kafka_destroy(m_handle); }
    Kafka(const Kafka &) = delete;
    Kafka &operator=(const Kafka &) = delete;

    void run()
    {
        auto next = std::chrono::steady_clock::now();
        while (!isStopping) {
            for (Signal &signal : m_signals)
                send(signal.next());
            next = std::max(next + Period, std::chrono::steady_clock::now());
            while (std::chrono::steady_clock::now() < next)
                rd_kafka_poll(m_handle, 5);
            m_log.flush();
        }
        if (rd_kafka_flush(m_handle, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
            throw std::runtime_error("Kafka did not take everything");
        m_log.flush();
    }

private:
    void createTopic()
    {
        char error[512] = "";
        rd_kafka_queue_t *queue = rd_kafka_queue_new(m_handle);
        rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(m_topic, 4, 1, error, sizeof error);
        rd_kafka_CreateTopics(m_handle, &topic, 1, nullptr, queue);
        rd_kafka_NewTopic_destroy(topic);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 30'000);
        if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
            throw std::runtime_error("cannot create the topic");
        rd_kafka_event_destroy(event);
        rd_kafka_queue_destroy(queue);
    }
    void send(Sample sample)
    {
        const std::string payload
            = "{\"id\":\"" + sample.key + "\",\"ts\":" + std::to_string(sample.stamp) + ",\"v\":" + sample.value + "}";
        auto kept = std::make_unique<Sample>(std::move(sample));
        while (true) {
            const auto error
                = rd_kafka_producev(m_handle, RD_KAFKA_V_TOPIC(m_topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_VALUE(const_cast<char *>(payload.data()), payload.size()),
                                    RD_KAFKA_V_KEY(kept->key.data(), kept->key.size()), RD_KAFKA_V_OPAQUE(kept.get()), RD_KAFKA_V_END);
            if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
                break;
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                throw std::runtime_error(rd_kafka_err2str(error));
            rd_kafka_poll(m_handle, 20);
        }
        static_cast<void>(kept.release()); // comes back with its delivery report
    }

    const char *m_topic;
    Log m_log;
    std::vector<Signal> m_signals;
    rd_kafka_t *m_handle = nullptr;
};

// QoS 1, one message at a time: what the broker did not confirm is sent again before anything newer is.
class Mqtt
{
public:
    Mqtt(const std::string &folder, unsigned seed)
        : m_log(folder, "mqtt")
        , m_signals(signalsOf(seed + 1, 95, 0))
    {
    }

    void run()
    {
        auto next = std::chrono::steady_clock::now();
        while (!isStopping) {
            for (Signal &signal : m_signals) {
                const Sample sample = signal.next();
                const std::string payload = "{\"ts\":" + std::to_string(sample.stamp) + ",\"v\":" + sample.value + "}";
                while (!publish("plant/" + sample.key, payload)) {
                    // The same client id again: the broker ends what is left of the old connection first.
                    m_client.reset();
                    std::this_thread::sleep_for(100ms);
                }
                m_log.add(sample, nowUs());
            }
            m_log.flush();
            next = std::max(next + Period, std::chrono::steady_clock::now());
            std::this_thread::sleep_until(next);
        }
        m_client.reset();
    }

private:
    bool publish(const std::string &topic, const std::string &payload)
    {
        try {
            if (!m_client) {
                m_client = std::make_unique<mqtt::client>(address("SG_MQTT_URL"), "crash-generator");
                m_client->set_timeout(3s);
                mqtt::connect_options options;
                options.set_clean_session(true);
                options.set_connect_timeout(2);
                m_client->connect(options);
            }
            m_client->publish(mqtt::make_message(topic, payload, 1, false));
            return true;
        } catch (const mqtt::exception &) {
            return false;
        }
    }

    Log m_log;
    std::vector<Signal> m_signals;
    std::unique_ptr<mqtt::client> m_client;
};

// Several connections, each with keys of its own. Rows get their cursor when they are inserted and are committed up to a quarter of
// a second later, so that rows of one connection appear behind newer cursors of another.
class Postgres
{
public:
    static constexpr unsigned Connections = 3;

    Postgres(const std::string &folder, unsigned seed)
        : m_log(folder, "postgres")
        , m_seed(seed)
        , m_signals(signalsOf(seed + 2, 5, 0))
    {
        pqxx::connection connection(target());
        pqxx::work work(connection);
        work.exec("CREATE TABLE rows (device text, ts bigint, v float8, loaded_at timestamptz DEFAULT clock_timestamp(), PRIMARY KEY "
                  "(device, ts))");
        work.exec("CREATE INDEX ON rows (loaded_at)");
        work.exec("CREATE VIEW plant AS SELECT device, ts, v, loaded_at FROM rows");
        work.commit();
    }

    void run()
    {
        std::vector<std::thread> threads;
        for (unsigned n = 0; n < Connections; ++n)
            threads.emplace_back([this, n] { write(n); });
        for (std::thread &thread : threads)
            thread.join();
    }

private:
    static std::string target()
    {
        return std::string("connect_timeout=3 host=") + address("SG_PG_HOST") + " port=" + address("SG_PG_PORT")
            + " user=" + address("SG_PG_USER") + " dbname=" + address("SG_PG_DB");
    }

    void write(unsigned n)
    {
        std::mt19937 random(m_seed * 7 + n);
        std::unique_ptr<pqxx::connection> connection;
        while (!isStopping) {
            std::vector<Sample> samples;
            for (std::size_t i = n; i < m_signals.size(); i += Connections)
                samples.push_back(m_signals[i].next());
            const auto hold = std::chrono::milliseconds(random() % 250);
            while (true) {
                try {
                    if (!connection)
                        connection = std::make_unique<pqxx::connection>(target());
                    commit(*connection, samples, hold);
                    break;
                } catch (const std::exception &) { // also when nobody knows whether it was committed: the primary key does
                    connection.reset();
                    std::this_thread::sleep_for(100ms);
                }
            }
            const std::lock_guard guard(m_mutex);
            for (const Sample &sample : samples)
                m_log.add(sample, nowUs());
            m_log.flush();
        }
    }

    static void commit(pqxx::connection &connection, const std::vector<Sample> &samples, std::chrono::milliseconds hold)
    {
        pqxx::work work(connection);
        for (const Sample &s : samples)
            work.exec("INSERT INTO rows (device, ts, v) VALUES ('" + s.key + "', " + std::to_string(s.stamp) + ", " + s.value
                      + ") ON CONFLICT DO NOTHING");
        std::this_thread::sleep_for(hold);
        work.commit();
    }

    std::mutex m_mutex;
    Log m_log; // guarded by m_mutex
    unsigned m_seed;
    std::vector<Signal> m_signals; // each connection's thread has its own of them
};

}

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: crash_generator FOLDER SEED\n");
        return 2;
    }
    try {
        const auto seed = static_cast<unsigned>(std::stoul(argv[2]) % 100'000);
        Kafka kafka(argv[1], "kafka", "plant", signalsOf(seed, 95, BallastKeys));
        Kafka timed(argv[1], "timed", "timed", timedSignals(seed + 3));
        Mqtt mqtt(argv[1], seed);
        Postgres postgres(argv[1], seed);
        std::cout << "ready" << std::endl;
        std::string line;
        std::getline(std::cin, line);
        std::vector<std::thread> threads;
        const auto start = [&threads](auto &feed, const char *name) {
            threads.emplace_back([&feed, name] {
                try {
                    feed.run();
                } catch (const std::exception &failed) {
                    std::fprintf(stderr, "generator: %s: %s\n", name, failed.what());
                    std::exit(1);
                }
            });
        };
        start(kafka, "kafka");
        start(timed, "timed");
        start(mqtt, "mqtt");
        start(postgres, "postgres");
        while (std::getline(std::cin, line)) { }
        isStopping = true;
        for (std::thread &thread : threads)
            thread.join();
        std::cout << "done" << std::endl;
        return 0;
    } catch (const std::exception &failed) {
        std::fprintf(stderr, "generator: %s\n", failed.what());
        return 1;
    }
}
