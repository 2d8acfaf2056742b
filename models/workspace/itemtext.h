#pragma once

#include "workspace/yamlplaces.h"

// Items of a list as text: "- " and the common indent taken off, comments kept. Private to this folder.
namespace sg {

// The end of the line on which `at` lies, before its CR or LF.
std::size_t endOfLine(std::string_view text, std::size_t at);
std::size_t beginOfLine(std::string_view text, std::size_t at);
std::string textOfPlace(std::string_view text, const Place &place);

}
