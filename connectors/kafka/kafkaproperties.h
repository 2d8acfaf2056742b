#pragma once

#include <string>
#include <string_view>

// Which librdkafka properties a workspace may set. A workspace is cloned from somewhere, and some properties run programs
// (sasl.kerberos.kinit.cmd), load libraries (plugin.library.paths, ssl.engine.location) or change what a watcher may do.
namespace sg {

enum class KafkaProperty : unsigned char { Allowed, Secret, File, KeyFile, Refused, Unknown };

KafkaProperty kafkaProperty(std::string_view name);
std::string nearestAllowedKafkaProperty(std::string_view name); // "" when none is near

}
