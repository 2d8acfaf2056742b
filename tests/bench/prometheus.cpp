#include "bench/prometheus.h"

#include "bench/kafkaload.h"
#include "bench/peers.h"
#include "bench/plantload.h"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <sstream>
#include <thread>

namespace sg::bench {

namespace {

constexpr const char *Program = "/usr/bin/prometheus";
using Clock = std::chrono::steady_clock;

int listening(std::uint16_t &port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    must(fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr *>(&address), size) == 0 && ::listen(fd, 16) == 0
             && ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0,
         "no socket");
    port = ntohs(address.sin_port);
    return fd;
}

// As much of HTTP as Prometheus needs: one request a connection.
class LittleServer
{
public:
    using Answer = std::function<std::string(const std::string &request)>;
    explicit LittleServer(Answer answer)
        : m_fd(listening(m_port))
        , m_answer(std::move(answer))
        , m_thread([this](std::stop_token stop) { run(std::move(stop)); })
    {
    }
    ~LittleServer()
    {
        m_thread.request_stop();
        m_thread.join();
        ::close(m_fd);
    }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(m_port); }

private:
    void run(std::stop_token stop)
    {
        while (!stop.stop_requested()) {
            pollfd wait{m_fd, POLLIN, 0};
            if (::poll(&wait, 1, 50) <= 0)
                continue;
            const int peer = ::accept4(m_fd, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0)
                continue;
            const std::string body = m_answer(requestOf(peer));
            const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: "
                + std::to_string(body.size()) + "\r\n\r\n";
            send(peer, head);
            send(peer, body);
            ::close(peer);
        }
    }
    static std::string requestOf(int peer)
    {
        std::string request;
        std::array<char, 65'536> some{};
        std::size_t wanted = 0; // known once the head is there
        while (wanted == 0 || request.size() < wanted) {
            const ssize_t n = ::read(peer, some.data(), some.size());
            if (n <= 0)
                break;
            request.append(some.data(), static_cast<std::size_t>(n));
            const auto end = request.find("\r\n\r\n");
            if (wanted > 0 || end == std::string::npos)
                continue;
            const auto length = request.find("Content-Length: ");
            wanted = end + 4 + (length < end ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0);
        }
        return request;
    }
    static void send(int peer, const std::string &text)
    {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t n = ::send(peer, text.data() + done, text.size() - done, MSG_NOSIGNAL);
            if (n <= 0)
                return;
            done += static_cast<std::size_t>(n);
        }
    }

    std::uint16_t m_port = 0;
    int m_fd;
    Answer m_answer;
    std::jthread m_thread;
};

// What the presses show now, and when each went beyond its limit.
class Plant
{
public:
    std::string metrics()
    {
        const std::scoped_lock lock(m_mutex);
        const auto second = static_cast<int>(millis() / 1'000);
        std::ostringstream out;
        out.precision(4);
        out << "# TYPE press_temp gauge\n";
        for (int press = 0; press < PlantLoad::Presses; ++press)
            out << "press_temp{line=\"" << PlantLoad::line(press) << "\",device=\"" << PlantLoad::device(press) << "\"} "
                << (isHot(press) ? 90 : PlantLoad::temp(press, second)) << '\n';
        return out.str();
    }
    void noteAlerts(const std::string &request)
    {
        const std::scoped_lock lock(m_mutex);
        const std::string key = "\"device\":\"P-";
        for (auto at = request.find(key); at != std::string::npos; at = request.find(key, at + 1)) {
            const int press = std::atoi(request.c_str() + at + key.size());
            const int change = changeOf(press);
            if (change < 0 || m_isFired[static_cast<std::size_t>(change)])
                continue;
            m_isFired[static_cast<std::size_t>(change)] = true;
            m_latencies.push_back(millis() - PlantLoad::millisOf(change));
        }
    }
    [[nodiscard]] std::vector<double> latencies()
    {
        const std::scoped_lock lock(m_mutex);
        return m_latencies;
    }
    void begin() { m_began = Clock::now(); }

private:
    [[nodiscard]] double millis() const { return std::chrono::duration<double, std::milli>(Clock::now() - m_began).count(); }
    static int changeOf(int press)
    {
        for (int change = 0; change < PlantLoad::Changes; ++change)
            if (PlantLoad::pressOf(change) == press)
                return change;
        return -1;
    }
    // The change counts from the instant at which a scrape could have seen it.
    [[nodiscard]] bool isHot(int press) const
    {
        const int change = changeOf(press);
        return change >= 0 && millis() >= PlantLoad::millisOf(change) && millis() < PlantLoad::millisOf(change) + PlantLoad::HoldMillis;
    }

    std::mutex m_mutex;
    Clock::time_point m_began = Clock::now() + std::chrono::hours(1);
    std::array<bool, PlantLoad::Changes> m_isFired{};
    std::vector<double> m_latencies;
};

double processorSecondsOf(pid_t process)
{
    std::ifstream in("/proc/" + std::to_string(process) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    std::istringstream rest(text.substr(std::min(text.rfind(')') + 2, text.size())));
    std::string skipped;
    double user = 0, system = 0;
    for (int field = 0; field < 11; ++field)
        rest >> skipped;
    rest >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string fetch(std::uint16_t port, const std::string &path)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    std::string out;
    if (fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0) {
        const std::string ask = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        std::array<char, 65'536> some{};
        if (::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL) > 0)
            for (ssize_t n = 0; (n = ::read(fd, some.data(), some.size())) > 0;)
                out.append(some.data(), static_cast<std::size_t>(n));
    }
    if (fd >= 0)
        ::close(fd);
    return out;
}

// How many rules it says it has evaluated, each over all series.
double rulesEvaluated(std::uint16_t port)
{
    const std::string text = fetch(port, "/metrics");
    const std::string key = "\nprometheus_rule_evaluations_total{";
    const auto at = text.find(key);
    must(at != std::string::npos, "Prometheus tells no count of its evaluations");
    return std::strtod(text.c_str() + text.find("} ", at) + 2, nullptr);
}

void writeText(const std::string &path, const std::string &text)
{
    std::ofstream(path) << text;
}

std::string rulesYaml()
{
    std::string out = "groups:\n  - name: plant\n    rules:\n";
    for (int n = 0; n < PlantLoad::Rules; ++n)
        out += "      - { alert: hot" + std::to_string(n) + ", expr: \"press_temp > " + std::to_string(n == 0 ? 80 : 1'000 + n) + "\" }\n";
    return out;
}

}

bool hasPrometheus()
{
    return ::access(Program, X_OK) == 0;
}

void measurePrometheus()
{
    char name[] = "/tmp/sightglass-bench.XXXXXX";
    must(::mkdtemp(name) != nullptr, "no folder");
    const std::string folder = name;
    Plant plant;
    const LittleServer exporter([&](const std::string &) { return plant.metrics(); });
    const LittleServer receiver([&](const std::string &request) {
        plant.noteAlerts(request);
        return std::string("{}");
    });
    writeText(folder + "/rules.yml", rulesYaml());
    writeText(folder + "/prometheus.yml",
              "global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: [rules.yml]\n"
              "alerting: { alertmanagers: [{ static_configs: [{ targets: [\""
                  + receiver.address()
                  + "\"] }] }] }\n"
                    "scrape_configs: [{ job_name: plant, static_configs: [{ targets: [\""
                  + exporter.address() + "\"] }] }]\n");
    std::uint16_t port = 0;
    ::close(listening(port)); // free a moment ago
    const pid_t process = ::fork();
    must(process >= 0, "no process");
    if (process == 0) {
        const int log = ::open((folder + "/log").c_str(), O_CREAT | O_WRONLY, 0600);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        const std::string config = "--config.file=" + folder + "/prometheus.yml", data = "--storage.tsdb.path=" + folder + "/data",
                          listens = "--web.listen-address=127.0.0.1:" + std::to_string(port);
        ::execl(Program, "prometheus", config.c_str(), data.c_str(), listens.c_str(), "--log.level=warn", static_cast<char *>(nullptr));
        ::_exit(127);
    }
    bool isReady = false;
    for (int n = 0; n < 300 && !isReady; ++n) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        isReady = fetch(port, "/-/ready").find(" 200 ") != std::string::npos;
    }
    plant.begin();
    std::this_thread::sleep_for(std::chrono::seconds(PlantLoad::WarmUp));
    double rules = 0, used = 0;
    if (isReady) {
        rules = rulesEvaluated(port);
        used = processorSecondsOf(process);
        std::this_thread::sleep_for(std::chrono::seconds(PlantLoad::Seconds - PlantLoad::WarmUp));
        used = processorSecondsOf(process) - used;
        rules = rulesEvaluated(port) - rules;
    }
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
    const std::vector<double> latencies = plant.latencies();
    std::printf("evaluations %.0f\ncpu_s %.3f\nfiring_ms_p50 %.3f\nfiring_ms_p99 %.3f\nfired %zu\n", rules * PlantLoad::Presses, used,
                percentile(latencies, 0.5), percentile(latencies, 0.99), latencies.size());
    std::filesystem::remove_all(folder);
    must(isReady, "Prometheus did not start");
}

}
