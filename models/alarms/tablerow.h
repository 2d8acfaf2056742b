#pragma once

// The numbers of the transition table (design note "alarms") at the places where their rows happen. In the program each row is in
// force: a constant, of which nothing is left. tests/CMakeLists.txt compiles this library a second time, where one row can be
// switched off; tests/alarms/tst_table shows that the tests named for that row then fail. Only for models/alarms.
namespace sg {

#ifdef SG_ROWS_CAN_BE_OFF
bool isRow(int number); // tests/alarms/rowswitch.cpp
#else
constexpr bool isRow(int /*number*/)
{
    return true;
}
#endif

}
