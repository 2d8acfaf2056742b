#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace sg::test {

enum class End { Term, Kill };

// Real servers for one test: "kafka", "mosquitto", "postgres". They run from construction to destruction, and no longer than
// this process, however it ends. A server keeps its ports and data through stop(), start() and restart().
// One thread at a time. A test fails, and does not skip, when its servers cannot start:
//
//     sg::test::Stack stack({"kafka"});
//     QVERIFY2(stack.ok(), stack.error().c_str());
//     connectTo(stack["SG_KAFKA_BROKERS"]);
//     QVERIFY2(stack.restart("kafka", sg::test::End::Kill), stack.error().c_str());
class Stack
{
public:
    explicit Stack(const std::vector<std::string> &with);
    ~Stack();
    Stack(const Stack &) = delete;
    Stack &operator=(const Stack &) = delete;

    // Whether the last thing asked for worked; error() says why not, with the end of the server's own log.
    [[nodiscard]] bool ok() const { return m_error.empty(); }
    const std::string &error() const { return m_error; }

    // SG_KAFKA_BROKERS and so on, as `./dev stack up` prints them; empty for what this stack does not have.
    const std::string &operator[](std::string_view name) const;

    // Each returns when the server is gone, or answers again.
    [[nodiscard]] bool stop(const std::string &server, End how);
    [[nodiscard]] bool start(const std::string &server);
    [[nodiscard]] bool restart(const std::string &server, End how);

    // The process that holds the servers, for tests of the stack itself.
    pid_t supervisor() const { return m_supervisor; }

private:
    bool ask(const std::string &command);
    bool readAnswer(std::chrono::seconds patience);
    bool fail(std::string text);

    int m_socket = -1;
    pid_t m_supervisor = -1;
    std::string m_received;
    std::string m_error;
    std::map<std::string, std::string, std::less<>> m_values;
};

}
