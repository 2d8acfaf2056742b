#include "bench/peers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

namespace sg::bench {

Figures runSelf(const std::vector<std::string> &arguments)
{
    int ends[2];
    must(::pipe(ends) == 0, "no pipe");
    std::fflush(stdout);
    const pid_t child = ::fork();
    must(child >= 0, "no process");
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        std::vector<char *> argv{const_cast<char *>("self")};
        for (const std::string &argument : arguments)
            argv.push_back(const_cast<char *>(argument.c_str()));
        argv.push_back(nullptr);
        ::execv("/proc/self/exe", argv.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    std::FILE *in = ::fdopen(ends[0], "r");
    Figures figures;
    char name[128];
    double value = 0;
    while (std::fscanf(in, "%127s %lf", name, &value) == 2)
        figures[name] = value;
    std::fclose(in);
    int status = 0;
    ::waitpid(child, &status, 0);
    must(WIFEXITED(status) && WEXITSTATUS(status) == 0, ("the side '" + arguments.front() + "' failed").c_str());
    return figures;
}

Spread spreadOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return {values[values.size() / 2], values.front(), values.back()};
}

void print(const char *side, const char *unit, const Spread &spread)
{
    std::printf("%-12s median %.4g %s (%.4g to %.4g)\n", side, spread.median, unit, spread.least, spread.most);
}

void figure(const char *name, double value, const char *unit)
{
    std::printf("figure: %s %.4g %s\n", name, value, unit);
    std::fflush(stdout);
}

void must(bool condition, const char *what)
{
    if (condition)
        return;
    std::fprintf(stderr, "bench: %s\n", what);
    std::exit(1);
}

}
