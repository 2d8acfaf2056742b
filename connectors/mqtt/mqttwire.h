#pragma once

#include "connectors/mqtt/mqttsettings.h"

#include "core/reach.h"

#include <memory>

namespace sg {

// A connection to a broker on the way to learn why paho gets none: in the open or over TLS, with a reason for each end. paho has one text
// for most of them, and says nothing of what a broker answers after the handshake. Never waits beyond its time.
class MqttWire
{
public:
    MqttWire(TcpConnection connection, Mono until, std::stop_token stop);
    ~MqttWire();
    MqttWire(const MqttWire &) = delete;
    MqttWire &operator=(const MqttWire &) = delete;

    // `host` must be a name in the certificate. Nothing: TLS stands, as far as the broker has said until now.
    std::optional<Error> startTls(const MqttSettings &settings, const std::string &host);
    [[nodiscard]] bool send(std::string_view bytes);
    [[nodiscard]] bool receive(std::size_t size); // until received() holds that many bytes
    [[nodiscard]] const std::string &received() const { return m_received; }

    // After a step that failed.
    [[nodiscard]] bool isStopped() const { return m_stop.stop_requested(); }
    [[nodiscard]] bool isClosed() const { return m_isClosed; } // by the other side; else it was silent
    [[nodiscard]] bool isNoTls() const { return m_isNoTls; } // what came was not TLS, or nothing came
    std::optional<Error> whyTls(const MqttSettings &settings) const; // what the broker says of our certificate

private:
    struct Tls;

    bool write(std::string_view bytes);
    bool flush(); // what TLS wants to send
    bool read(); // some more
    bool readTls();

    const TcpConnection m_connection;
    const Mono m_until;
    const std::stop_token m_stop;
    std::unique_ptr<Tls> m_tls;
    std::string m_received;
    bool m_isClosed = false;
    bool m_isNoTls = false;
};

// Whether the files that TLS needs can be used, before paho reads them: it would ask for a pass phrase on the terminal.
std::optional<Error> checkTlsFiles(const MqttSettings &settings);

}
