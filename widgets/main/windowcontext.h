#pragma once

#include "engine/session.h"

namespace sg {

// What the application gives the window, so that the window links no connector and no engine. The callbacks are called on worker
// threads and may block.
struct WindowContext
{
    const SourceCatalog *catalog = nullptr; // outlives the window
    std::function<Result<std::unique_ptr<Session>>(std::shared_ptr<const Workspace>)> start;
    std::function<Result<std::shared_ptr<const Workspace>>(const std::string &folder)>
        read; // last valid rule texts included, where there are any
    std::function<Result<std::string>()> demoFolder; // where the demo workspace lies, written when missing
    // A window on an evaluator that runs already, by the folder of its state or of its workspace. Empty: cannot.
    std::function<Result<std::unique_ptr<Session>>(const std::string &folder)> attach;
    std::string folder; // opened first; empty: the demo
    bool isAttaching = false; // `folder` is attached to, never evaluated
};

}
