#pragma once

#include "core/node.h"

namespace sg {

// A secret by reference: { env: SG_NAME } or { file: PATH }. The value never enters an Error, a log or a file.
Result<std::string> readSecret(const Node &reference);
bool isSecretReference(const Node &node);
std::string nameOfSecret(const Node &reference); // "environment variable SG_KAFKA", for messages

// The text with "***" in the secret's place. One shorter than three characters cannot be told from ordinary text and stays.
std::string withoutSecret(std::string text, std::string_view secret);

}
