#include "bench/mqttload.h"

#include "bench/loadmessage.h"
#include "bench/peers.h"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sg::bench {
namespace {

constexpr std::uint64_t Window = 1000;
constexpr std::size_t BufferBytes = 1U << 16U;

class Wire
{
public:
    explicit Wire(const std::string &url)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const std::size_t colon = url.rfind(':');
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        must(::connect(m_socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0, "no broker");
    }
    ~Wire() { ::close(m_socket); }
    Wire(const Wire &) = delete;
    Wire &operator=(const Wire &) = delete;

    void add(std::string_view bytes)
    {
        m_out += bytes;
        if (m_out.size() >= BufferBytes)
            flush();
    }
    void flush()
    {
        for (std::size_t done = 0; done < m_out.size();) {
            const ssize_t n = ::send(m_socket, m_out.data() + done, m_out.size() - done, MSG_NOSIGNAL);
            must(n > 0, "the broker hung up");
            done += static_cast<std::size_t>(n);
        }
        m_out.clear();
    }
    std::size_t receive() // waits for some bytes
    {
        char buffer[BufferBytes];
        const ssize_t n = ::recv(m_socket, buffer, sizeof buffer, 0);
        must(n > 0, "the broker hung up");
        return static_cast<std::size_t>(n);
    }

private:
    int m_socket;
    std::string m_out;
};

void addLength(std::string &packet, std::size_t length)
{
    do {
        const auto rest = length >> 7U;
        packet += static_cast<char>((length & 127U) | (rest > 0 ? 128U : 0U));
        length = rest;
    } while (length > 0);
}

void addShort(std::string &packet, std::size_t number)
{
    packet += static_cast<char>(number >> 8U);
    packet += static_cast<char>(number & 255U);
}

}

Sum publishMqtt(const std::string &url, const std::string &topic, int qos, std::uint64_t messages, std::uint64_t &payloadBytes)
{
    Wire wire(url);
    std::string packet{"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03"
                       "sgb",
                       17}; // CONNECT, clean, no keep-alive, client "sgb"
    wire.add(packet);
    wire.flush();
    must(wire.receive() == 4, "the broker refuses the load");
    Sum sum;
    payloadBytes = 0;
    std::uint64_t confirmedBytes = 0; // four a PUBACK
    LoadMessage load;
    for (std::uint64_t i = 0; i < messages; ++i) {
        const std::string_view text = load.next(i);
        packet.clear();
        packet += static_cast<char>(0x30 | (qos << 1));
        addLength(packet, 2 + topic.size() + (qos > 0 ? 2 : 0) + text.size());
        addShort(packet, topic.size());
        packet += topic;
        if (qos > 0)
            addShort(packet, i % 65535 + 1);
        packet += text;
        wire.add(packet);
        payloadBytes += text.size();
        ++sum.count;
        sum.checksum += load.worth;
        if (qos > 0 && i + 1 - confirmedBytes / 4 >= Window) {
            wire.flush();
            confirmedBytes += wire.receive();
        }
    }
    wire.flush();
    while (qos > 0 && confirmedBytes / 4 < messages)
        confirmedBytes += wire.receive();
    wire.add(std::string_view("\xe0\x00", 2));
    wire.flush();
    return sum;
}

}
