#include "agent/commands.h"
#include "catalog/catalog.h"

#include "core/platform.h"
#include "core/text.h"
#include "engine/ruletest.h"

#include <chrono>
#include <cstdio>

namespace sg {

namespace {

std::string xmlText(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\n':
            out += "&#10;"; // a bare one in an attribute is read as a space
            break;
        default:
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
                out += c; // XML 1.0 has no other control characters
        }
    }
    return out;
}

// As CI servers read it: one suite, a case a test, a failure for each thing that is not as expected. Faults of the files are failed cases.
class JUnit
{
public:
    void add(const std::string &name, const std::string &place, double seconds, const std::vector<std::string> &failures)
    {
        ++m_tests;
        m_failures += failures.empty() ? 0 : 1;
        const std::string file = place.substr(0, place.find(':'));
        m_cases += "  <testcase classname=\"" + xmlText(file) + "\" name=\"" + xmlText(name) + "\" time=\"" + formatNumber(seconds) + "\"";
        if (failures.empty()) {
            m_cases += "/>\n";
            return;
        }
        m_cases += ">\n";
        std::string all;
        for (const std::string &failure : failures)
            all += (all.empty() ? "" : "\n") + failure;
        m_cases
            += "    <failure message=\"" + xmlText(all.substr(0, all.find('\n'))) + "\">" + xmlText(all) + "</failure>\n  </testcase>\n";
    }
    [[nodiscard]] std::string text() const
    {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"rules\" tests=\"" + std::to_string(m_tests) + "\" failures=\""
            + std::to_string(m_failures) + "\">\n" + m_cases + "</testsuite>\n";
    }

private:
    std::string m_cases;
    std::size_t m_tests = 0, m_failures = 0;
};

}

int testRulesCommand(const Arguments &arguments)
{
    const std::string folder = arguments.has("--workspace") ? arguments.value("--workspace") : ".";
    // Rules as they stand in the files: what ran last is no help to a test.
    const auto workspace = readWorkspace(folder, sourceCatalog());
    if (!workspace)
        return fail(workspace.error());
    const RuleTests tests = readRuleTestsOf(folder);
    JUnit report;
    std::size_t failed = 0;
    const auto fault = [&](const Error &error) {
        ++failed;
        std::printf("%s\n", error.plain().c_str());
        report.add(error.place.empty() ? "workspace" : error.place, error.place, 0, {error.plain()});
    };
    for (const Error &error : workspace->errors)
        fault(error);
    for (const Error &error : tests.errors)
        fault(error);
    for (const RuleTest &test : tests.tests) {
        const auto began = std::chrono::steady_clock::now();
        const RuleTestOutcome outcome = runRuleTest(*workspace, test);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        report.add(test.name, test.place, took.count(), outcome.failures);
        if (outcome.failures.empty())
            continue;
        ++failed;
        std::printf("FAILED %s\n", shown(test.name).c_str());
        for (const std::string &failure : outcome.failures)
            std::printf("  %s\n", failure.c_str());
    }
    std::printf("%zu tests, %zu failed\n", tests.tests.size(), failed);
    if (arguments.has("--junit")) {
        const auto written = writeFileAtomically(arguments.value("--junit"), report.text());
        if (!written)
            return fail(written.error());
    }
    if (tests.tests.empty() && failed == 0)
        std::fprintf(stderr, "no tests in %s/tests\n", shown(folder).c_str());
    return failed == 0 ? ExitDone : ExitFailed;
}

}
