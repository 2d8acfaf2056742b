#include "connectors/web/webhook.h"

#include "core/node.h"

#include <QtTest>

#include <map>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sg;

// The webhook to an HTTP server of the test's own, which keeps connections and says which requests came.
namespace {

class Receiver
{
public:
    Receiver()
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(m_listener, reinterpret_cast<sockaddr *>(&address), size) != 0 || ::listen(m_listener, 8) != 0
            || ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size) != 0)
            qFatal("no loopback socket");
        m_port = ntohs(address.sin_port);
        m_thread = std::jthread([this](const std::stop_token &stop) { serve(stop); });
    }
    ~Receiver()
    {
        m_thread.request_stop();
        m_thread.join();
        ::close(m_listener);
    }

    [[nodiscard]] int port() const { return m_port; }
    void setSilent(bool is) { m_isSilent = is; } // takes a request and ends the connection without an answer
    std::vector<std::string> attempts() // of each request, in order: the value of its header
    {
        const std::lock_guard guard(m_mutex);
        return m_attempts;
    }

private:
    void serve(const std::stop_token &stop)
    {
        std::vector<pollfd> open{{m_listener, POLLIN, 0}};
        std::map<int, std::string> texts;
        while (!stop.stop_requested()) {
            if (::poll(open.data(), open.size(), 20) <= 0)
                continue;
            if ((open[0].revents & POLLIN) != 0)
                open.push_back({::accept(m_listener, nullptr, nullptr), POLLIN, 0});
            for (std::size_t i = 1; i < open.size(); ++i) {
                if (open[i].revents == 0)
                    continue;
                char bytes[4096];
                const auto count = ::read(open[i].fd, bytes, sizeof bytes);
                if (count > 0)
                    texts[open[i].fd].append(bytes, static_cast<std::size_t>(count));
                if (count <= 0 || !answer(open[i].fd, texts[open[i].fd])) {
                    texts.erase(open[i].fd);
                    ::close(open[i].fd);
                    open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
                    break;
                }
            }
        }
        for (std::size_t i = 1; i < open.size(); ++i)
            ::close(open[i].fd);
    }

    // False: the connection ends.
    bool answer(int connection, std::string &text)
    {
        const std::string body = "{\"text\":\"x\"}";
        const auto end = text.find("\r\n\r\n" + body);
        if (end == std::string::npos)
            return true;
        static constexpr std::string_view Name = "Sightglass-Attempt: ";
        const auto at = text.find(Name);
        const std::lock_guard guard(m_mutex);
        m_attempts.push_back(at == std::string::npos ? "none" : text.substr(at + Name.size(), 1));
        text.erase(0, end + 4 + body.size());
        if (m_isSilent)
            return false;
        static constexpr std::string_view Fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        return ::send(connection, Fine.data(), Fine.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(Fine.size());
    }

    int m_listener = -1, m_port = 0;
    std::atomic<bool> m_isSilent = false;
    std::mutex m_mutex;
    std::vector<std::string> m_attempts; // guarded by m_mutex
    std::jthread m_thread;
};

}

class WebhookTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsOnceAnAttempt();
};

// An attempt is counted before it begins. A connection that the server ends without an answer is a failure of that attempt, never a
// reason to send the same again uncounted.
void WebhookTest::sendsOnceAnAttempt()
{
    Receiver receiver;
    SourceSpec target;
    target.id = "hook";
    target.kind = "http";
    Node url;
    url.kind = Node::Kind::Scalar;
    url.scalar = "http://127.0.0.1:" + std::to_string(receiver.port()) + "/hook";
    target.settings.kind = Node::Kind::Map;
    target.settings.map.emplace_back("url", url);
    const auto hook = httpSender().make(target);
    Notification message;
    message.key = "a-hook-1";
    message.body = "{\"text\":\"x\"}";
    const std::stop_source going;
    QCOMPARE(hook->send(message, going.get_token()).how, Sent::How::Delivered);
    receiver.setSilent(true);
    message.key = "b-hook-1";
    QCOMPARE(hook->send(message, going.get_token()).how, Sent::How::Later);
    receiver.setSilent(false);
    message.attempt = 2;
    QCOMPARE(hook->send(message, going.get_token()).how, Sent::How::Delivered);
    QCOMPARE(receiver.attempts(), (std::vector<std::string>{"1", "1", "2"}));
}

QTEST_GUILESS_MAIN(WebhookTest)
#include "tst_webhook.moc"
