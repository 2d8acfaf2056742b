#pragma once

#include <span>
#include <string_view>

namespace sg {

// The demo workspace as it stands in resources/demo, compiled in. Paths are relative to the workspace.
struct DemoFile
{
    std::string_view path;
    std::string_view text;
};
std::span<const DemoFile> demoFiles();

}
