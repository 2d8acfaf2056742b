#pragma once

#include "core/result.h"

#include <functional>
#include <memory>

namespace sg {

// Keeps this machine from falling asleep by itself while it exists, through logind's inhibitor lock. The lock is held by a child,
// systemd-inhibit, whose standard input is ours: it ends with this process, however that ends. Where it cannot be, `say` is told once, on
// a thread of its own, and nothing else happens.
class Awake
{
public:
    explicit Awake(std::function<void(const Error &)> say);
    ~Awake();
    Awake(const Awake &) = delete;
    Awake &operator=(const Awake &) = delete;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
