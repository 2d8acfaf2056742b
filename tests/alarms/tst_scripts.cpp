#include "plant.h"

#include <QtTest>

#include <fstream>
#include <set>
#include <sstream>

using namespace sg;
using namespace sg::test;

// Runs the alarm scripts of scripts/: see scripts/README.md for their few words. Every script runs three times: as it stands, with a
// restart after every step, and with timers asked only where the script lets time pass (as after a backlog). All must agree.
namespace {

enum class Way : std::uint8_t { Plain, RestartAfterEveryStep, Backlog };

class Script
{
public:
    explicit Script(Way way)
        : m_way(way)
    {
    }

    Plant plant;
    std::string failure;

    bool run(const std::string &path)
    {
        std::ifstream in(path);
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);)
            lines.push_back(line);
        if (lines.empty())
            failure = path + ": empty or missing";
        for (std::size_t n = 0; n < lines.size() && failure.empty(); ++n) {
            std::string line = lines[n];
            if (const auto hash = line.find('#'); hash != std::string::npos)
                line.resize(hash);
            std::string block; // the indented lines that follow
            const std::size_t first = n + 2;
            while (n + 1 < lines.size() && lines[n + 1].starts_with("  "))
                block += lines[++n].substr(2) + "\n";
            m_place = path.substr(path.rfind('/') + 1) + ":" + std::to_string(first - 1) + ": ";
            std::istringstream words(line);
            std::vector<std::string> all;
            for (std::string word; words >> word;)
                all.push_back(word);
            if (all.empty())
                continue;
            step(all, block, static_cast<int>(first));
            plant.collect();
            countAgain();
            if (m_way == Way::RestartAfterEveryStep && failure.empty() && m_isStarted)
                plant.restart();
        }
        return failure.empty();
    }

private:
    void fail(const std::string &text) { failure = m_place + text; }

    // The counts are kept along; here they are counted anew.
    void countAgain()
    {
        const auto views = plant.views();
        for (const RuleWatch &watch : plant.engine->watches()) {
            const auto count = [&](auto is) {
                return static_cast<std::size_t>(
                    std::ranges::count_if(views, [&](const AlarmView &v) { return v.rule == watch.rule && is(v.regions); }));
            };
            const auto watched = count([](const Regions &) { return true; });
            const auto active = count(
                [](const Regions &r) { return r.condition == ConditionRegion::Active || r.condition == ConditionRegion::PendingOff; });
            const auto unknown
                = count([](const Regions &r) { return r.quality == QualityRegion::Unknown || r.quality == QualityRegion::Error; });
            if (watch.watched != watched || watch.active != active || watch.unknown != unknown)
                fail("counted " + std::to_string(watched) + ", " + std::to_string(active) + " active, " + std::to_string(unknown)
                     + " unknown; told " + std::to_string(watch.watched) + ", " + std::to_string(watch.active) + ", "
                     + std::to_string(watch.unknown));
        }
    }

    void step(const std::vector<std::string> &words, const std::string &block, int blockLine)
    {
        const std::string &verb = words[0];
        if (verb == "range")
            range(words);
        else if (verb == "expected")
            m_csv = block;
        else if (verb == "rule")
            rule(words, block, blockLine);
        else if (verb == "delete")
            std::erase_if(plant.rules->rules, [&](const auto &r) { return r->id == words.at(1); }), plant.apply("bob@desk-1", "not needed");
        else if (verb == "series")
            m_series[words.at(1)] = plant.add(words.at(2), words.size() > 3 && words[3] == "text" ? ValueKind::State : ValueKind::Number);
        else if (verb == "at")
            atTime(words);
        else if (verb == "show")
            m_shown = present();
        else if (verb == "ack")
            m_said = plant.acknowledge(words.size() > 1 && words[1] == "shown" ? m_shown : present()).says.plain();
        else if (const auto named = verbs().find(verb); named != verbs().end())
            m_said = operate(named->second, words);
        else if (verb == "late")
            late(words);
        else if (verb == "why")
            why(words);
        else if (verb == "lateby")
            lateBy(words);
        else if (verb == "says")
            says(words);
        else if (verb == "retire")
            plant.engine->retire(words.at(1), "bob@desk-1", "scrapped", plant.now);
        else if (verb == "lost")
            plant.clock.lost.insert(words.at(1)), plant.engine->elapse(plant.clock, plant.now);
        else if (verb == "back")
            plant.clock.lost.erase(words.at(1)), plant.engine->elapse(plant.clock, plant.now);
        else if (verb == "behind" || verb == "caughtup")
            plant.clock.isBehind = verb == "behind";
        else if (verb == "restart")
            plant.restart();
        else if (verb == "journal")
            journal({words.begin() + 1, words.end()});
        else if (verb == "record")
            record(words);
        else if (verb == "silent")
            silent(words);
        else
            fail("unknown word '" + verb + "'");
        if (verb != "at" && verb != "journal")
            expectState(words);
    }

    void range(const std::vector<std::string> &words)
    {
        Tag tag;
        tag.range = {std::stod(words.at(2)), std::stod(words.at(3))};
        plant.tagItems.push_back({*Selector::parse(words.at(1)), tag});
        if (m_isStarted)
            plant.apply();
    }

    void rule(const std::vector<std::string> &words, const std::string &block, int line)
    {
        RuleSurroundings around;
        around.readText = [this](const std::string &) { return Result<std::string>(m_csv); };
        const std::string head = "id: " + words.at(1) + "\n";
        const auto made = readRule(nodeOf(head + "priority: high\n" + block, "script", line - 2), Node(), block, around);
        if (!made)
            return fail(made.error().plain());
        auto &rules = plant.rules->rules;
        const auto old = std::find_if(rules.begin(), rules.end(), [&](const auto &r) { return r->id == words[1]; });
        if (old == rules.end())
            rules.push_back(*made);
        else
            *old = *made;
        plant.apply("bob@desk-1", "tuned");
        m_isStarted = true;
    }

    // at 5s [temp 81] [temp2 nan] [-> State]
    void atTime(const std::vector<std::string> &words)
    {
        const Time t = test::at(std::stod(words.at(1)));
        const bool hasSamples = words.size() > 3 && words[2] != "->";
        if (m_way == Way::Backlog && hasSamples)
            plant.now = t;
        else
            plant.elapseTo(t);
        for (std::size_t n = 2; n + 1 < words.size() && words[n] != "->"; n += 2) {
            const auto found = m_series.find(words[n]);
            if (found == m_series.end())
                return fail("no series '" + words[n] + "'");
            const bool isText = plant.series[number(found->second)].kind == ValueKind::State;
            const double value = words[n + 1] == "nan" ? std::nan("") : isText ? plant.codeOf(words[n + 1]) : std::stod(words[n + 1]);
            Sample sample = plant.sample(found->second, t, value);
            if (std::isinf(value))
                sample.quality = Quality::Good; // as a device may call it
            if (words[n + 1].ends_with('?'))
                sample.quality = Quality::Uncertain;
            plant.send(sample);
        }
        if (m_way != Way::Backlog || !hasSamples)
            plant.elapseTo(t);
        expectState(words);
    }

    void expectState(const std::vector<std::string> &words)
    {
        const auto arrow = std::find(words.begin(), words.end(), "->");
        if (arrow == words.end() || !failure.empty())
            return;
        std::string wanted;
        for (auto word = arrow + 1; word != words.end(); ++word)
            wanted += (wanted.empty() ? "" : " ") + *word;
        std::string is;
        for (const AlarmView &view : plant.views()) {
            std::string one = nameOf(project(view.regions));
            if (*nameOf(view.regions.level))
                one += std::string(" ") + nameOf(view.regions.level);
            is += (is.empty() ? "" : ", ") + one;
        }
        if (is != wanted)
            fail("expected '" + wanted + "', is '" + is + "'");
    }

    static const std::map<std::string, Verb> &verbs()
    {
        static const std::map<std::string, Verb> all
            = {{"unack", Verb::Unacknowledge}, {"shelve", Verb::Shelve},   {"unshelve", Verb::Unshelve},
               {"out", Verb::OutOfService},    {"in", Verb::InService},    {"reset", Verb::Reset},
               {"note", Verb::Note},           {"disable", Verb::Disable}, {"enable", Verb::Enable}};
        return all;
    }

    // shelve 60 -> State: until 60 s; without a time until the alarm ends
    std::string operate(Verb verb, const std::vector<std::string> &words)
    {
        OperatorAction action;
        action.verb = verb;
        for (const AlarmView &view : plant.views())
            action.shown.push_back({view.regions.occurrence, view.regions.seq});
        action.actor = "ann@desk-3";
        action.reason = "because";
        action.permit = "WP-1";
        if (words.size() > 1 && words[1] != "->")
            action.until = test::at(std::stod(words[1]));
        return plant.engine->act(action, plant.now).says.plain();
    }

    // late 5 temp 99: this sample comes only now, after its series was judged
    void late(const std::vector<std::string> &words)
    {
        const auto found = m_series.find(words.at(2));
        if (found == m_series.end())
            return fail("no series '" + words[2] + "'");
        const Sample sample = plant.sample(found->second, test::at(std::stod(words[1])), std::stod(words.at(3)));
        plant.engine->advance({{}, {&sample, 1}, plant.clock, plant.now});
    }

    // why TEXT: the first alarm says why it is unknown
    void why(const std::vector<std::string> &words)
    {
        std::string wanted;
        for (std::size_t n = 1; n < words.size(); ++n)
            wanted += (n > 1 ? " " : "") + words[n];
        const auto views = plant.views();
        const std::string is = views.empty() ? "no alarm" : views.front().why.plain();
        if (is != wanted && m_way != Way::RestartAfterEveryStep) // after a restart it is known with the next value
            fail("expected why '" + wanted + "', is '" + is + "'");
    }

    // lateby 100: the first alarm was found out so many seconds after it began
    void lateBy(const std::vector<std::string> &words)
    {
        const auto views = plant.views();
        const std::string is = views.empty() ? "no alarm" : formatNumber(static_cast<double>(views.front().lateBy.count()) / 1e6);
        if (is != words.at(1))
            fail("expected to be late by " + words[1] + ", is " + is);
    }

    std::vector<ShownOccurrence> present() const
    {
        std::vector<ShownOccurrence> out;
        for (const AlarmView &view : plant.views())
            if (project(view.regions) != AlarmState::Normal)
                out.push_back({view.regions.occurrence, view.regions.seq});
        return out;
    }

    void says(const std::vector<std::string> &words)
    {
        std::string wanted;
        for (std::size_t n = 1; n < words.size(); ++n)
            wanted += (n > 1 ? " " : "") + words[n];
        if (m_said.find(wanted) == std::string::npos)
            fail("expected '" + wanted + "', said '" + m_said + "'");
    }

    void journal(const std::vector<std::string> &wanted)
    {
        std::string want, is;
        for (const std::string &word : wanted)
            want += (want.empty() ? "" : " ") + word;
        for (const JournalRow &row : plant.journal)
            is += (is.empty() ? "" : " ") + row.event + (row.level.empty() ? "" : "(" + row.level + ")");
        if (is != want)
            fail("expected " + want + ", is " + is);
    }

    // record 2 value=81 limit=80 stamp=0 text=fault actor=ann@desk-3
    void record(const std::vector<std::string> &words)
    {
        const std::size_t n = std::stoul(words.at(1));
        if (n < 1 || n > plant.journal.size())
            return fail("there are " + std::to_string(plant.journal.size()) + " records");
        const JournalRow &row = plant.journal[n - 1];
        const std::map<std::string, std::string> is = {
            {"value", formatNumber(row.value)},
            {"limit", formatNumber(row.limit)},
            {"stamp", row.tStamp == NoTime ? "none" : formatNumber(static_cast<double>((row.tStamp - Start).count()) / 1e6)},
            {"event", row.event},
            {"detect", formatNumber(static_cast<double>((row.tDetect - Start).count()) / 1e6)},
            {"text", row.valueText},
            {"actor", row.actor},
            {"reason", row.reason},
            {"priority", row.priority},
            {"quality",
             row.quality == Quality::Good      ? "good"
                 : row.quality == Quality::Bad ? "bad"
                                               : "uncertain"},
            {"loud", row.isAnnunciated ? "yes" : "no"},
        };
        for (std::size_t w = 2; w < words.size(); ++w) {
            const std::string name = words[w].substr(0, words[w].find('='));
            if (name == "detect" && m_way == Way::Backlog)
                continue;
            const auto found = is.find(name);
            if (found == is.end() || name + "=" + found->second != words[w])
                return fail("expected " + words[w] + ", is " + (found == is.end() ? "nothing" : found->second));
        }
    }

    void silent(const std::vector<std::string> &)
    {
        for (const JournalRow &row : plant.journal)
            if (row.isAnnunciated)
                return fail(row.event + " sounds");
    }

    const Way m_way;
    bool m_isStarted = false;
    std::string m_place, m_csv, m_said;
    std::map<std::string, SeriesId> m_series;
    std::vector<ShownOccurrence> m_shown;
};

}

class TestScripts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void scripts_data()
    {
        QTest::addColumn<std::string>("path");
        const QDir folder(QStringLiteral(SG_SOURCE_DIR "/tests/alarms/scripts"));
        const auto files = folder.entryInfoList({QStringLiteral("*.alarm")}, QDir::Files, QDir::Name);
        QVERIFY(!files.isEmpty());
        for (const QFileInfo &file : files)
            QTest::newRow(qPrintable(file.baseName())) << file.filePath().toStdString();
    }

    void scripts()
    {
        QFETCH(std::string, path);
        Script plain(Way::Plain);
        QVERIFY2(plain.run(path), plain.failure.c_str());
        std::ifstream in(path);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        if (text.find("# unbroken") == std::string::npos) {
            Script restarted(Way::RestartAfterEveryStep);
            QVERIFY2(restarted.run(path), ("with restarts: " + restarted.failure).c_str());
            QVERIFY(compared(restarted.plant.journal) == compared(plain.plant.journal));
        }
        if (text.find("# live only") == std::string::npos) { // what is judged by arrival has no backlog
            Script backlog(Way::Backlog);
            QVERIFY2(backlog.run(path), ("as a backlog: " + backlog.failure).c_str());
            QVERIFY(compared(backlog.plant.journal) == compared(plain.plant.journal));
        }
    }
};

QTEST_GUILESS_MAIN(TestScripts)
#include "tst_scripts.moc"
