#pragma once

#include "connectors/postgres/postgresclient.h"

#include <functional>
#include <stop_token>

namespace sg {

using SayStep = std::function<void(const Error &step)>;

// Goes the way of a connection by hand, step by step (name, TCP, TLS, login), so that the step that fails has a sentence of its own with
// what to do about it: libpq has one text for all of them, in the language of the machine or of the server. Nothing when all went well.
// A connection of its own, closed at the end; some seconds at the most. Any thread.
std::optional<PostgresFailure> tryConnection(const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop);

// The steps in between; see postgrestls.cpp. `socket` is connected, and stays the caller's.
std::optional<PostgresFailure> tryTls(int socket, const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop);

constexpr auto StepPatience = std::chrono::seconds(5);

}
