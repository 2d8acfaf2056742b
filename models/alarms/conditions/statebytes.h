#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace sg {

// A condition's state in the caller's bytes: fixed size, as the machine has it; a fresh one is all zero.
template <class State> State loadState(std::span<const std::byte> bytes)
{
    static_assert(std::is_trivially_copyable_v<State>);
    State state;
    std::memcpy(&state, bytes.data(), sizeof state);
    return state;
}

template <class State> void storeState(const State &state, std::span<std::byte> bytes)
{
    static_assert(std::is_trivially_copyable_v<State>);
    std::memcpy(bytes.data(), &state, sizeof state);
}

}
