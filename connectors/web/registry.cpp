#include "connectors/web/registry.h"

#include "connectors/web/curlcall.h"

#include "core/secret.h"
#include "core/text.h"
#include "core/weburl.h"
#include "core/workspacefile.h"
#include "decode/jsonnode.h"

#include <map>
#include <mutex>
#include <set>

namespace sg {

namespace {

using namespace std::chrono_literals;

constexpr Millis AnswerLimit = 5s;
constexpr std::size_t LargestAnswer = 2U << 20U;
constexpr std::size_t MostSchemas = 10'000; // that the program keeps: a topic that needs more is hostile
constexpr std::size_t MostReferences = 100;
constexpr std::size_t DeepestReference = 16;
constexpr Millis FirstPause = 500ms;
constexpr Millis LongestPause = 30s;
constexpr std::chrono::seconds AskUnknownAgain = 60s;

Mono now()
{
    return Mono::clock::now();
}

// A subject may be called anything.
std::string escaped(std::string_view text)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (isPlain) {
            out += c;
        } else {
            out += '%';
            out += hex[static_cast<unsigned char>(c) >> 4U];
            out += hex[static_cast<unsigned char>(c) & 15U];
        }
    }
    return out;
}

std::string textIn(const JsonNode &answer, std::string_view name)
{
    const JsonNode *found = answer.find(name);
    return found && !found->isContainer() ? found->text : std::string();
}

// What any source of this program has fetched: an id never changes its meaning. Thread-safe.
class Known
{
public:
    std::optional<SchemaText> find(const std::string &registry, std::uint32_t id)
    {
        const std::lock_guard guard(m_mutex);
        const auto found = m_schemas.find({registry, id});
        return found == m_schemas.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const std::string &registry, std::uint32_t id, const SchemaText &schema)
    {
        const std::lock_guard guard(m_mutex);
        if (m_schemas.size() >= MostSchemas)
            m_schemas.clear();
        m_schemas.insert_or_assign({registry, id}, schema);
    }
    static Known &all()
    {
        static Known known;
        return known;
    }

private:
    std::mutex m_mutex;
    std::map<std::pair<std::string, std::uint32_t>, SchemaText> m_schemas; // guarded by m_mutex
};

class Registry final : public Schemas
{
public:
    explicit Registry(const SourceSpec &spec)
        : m_name(spec.clientName)
        , m_call("http,https")
    {
        const Node &settings = spec.registry;
        m_url = settings.text("url");
        if (!isWebUrl(m_url))
            throw Refusal{settings["url"].error(SG_TR("'%1' is not https://host or http://host"), {shown(m_url, 100)})};
        while (m_url.ends_with('/'))
            m_url.pop_back();
        m_place = placeOfUrl(m_url);
        m_user = settings.text("user");
        if (settings.has("password")) {
            auto secret = readSecret(settings["password"]);
            if (!secret)
                throw Refusal{secret.error()};
            m_password = *std::move(secret);
        }
        if (settings.has("ca")) {
            auto ca = fileInWorkspace(spec.folder, settings.text("ca"), "ca");
            if (!ca)
                throw Refusal{ca.error()};
            m_ca = *std::move(ca);
        }
    }

    Fetched fetch(std::uint32_t id, const std::stop_token &stop) override
    {
        const std::string whose = m_user + "@" + m_url;
        if (auto known = Known::all().find(whose, id))
            return {Fetched::How::Known, *std::move(known), {}};
        if (const auto unknown = m_unknown.find(id); unknown != m_unknown.end() && now() < unknown->second.askAgain)
            return {Fetched::How::Unknown, {}, unknown->second.why};
        if (now() < m_nextTry)
            return {Fetched::How::Later, {}, m_why};
        Fetched fetched = ask(id, stop);
        if (fetched.how == Fetched::How::Later) {
            m_pause = std::min<Millis>(m_pause * 2, LongestPause);
            m_nextTry = now() + m_pause;
            m_why = fetched.why;
            return fetched;
        }
        m_pause = FirstPause / 2;
        m_nextTry = {};
        if (fetched.how == Fetched::How::Known) {
            Known::all().keep(whose, id, fetched.schema);
        } else {
            if (m_unknown.size() >= MostSchemas)
                m_unknown.clear();
            m_unknown.insert_or_assign(id, Unknown{now() + AskUnknownAgain, fetched.why});
        }
        return fetched;
    }

private:
    static Fetched later(Error why) { return {Fetched::How::Later, {}, std::move(why)}; }
    static Fetched unknown(Error why) { return {Fetched::How::Unknown, {}, std::move(why)}; }

    Fetched ask(std::uint32_t id, const std::stop_token &stop)
    {
        const std::string number = std::to_string(id);
        JsonNode answer;
        long code = 0;
        if (auto failed = get("/schemas/ids/" + number, stop, answer, code))
            return later(*std::move(failed));
        if (code == 404)
            return unknown({SG_TR("the schema registry %1 has no schema with id %2"), {shown(m_place), number}, {}});
        Fetched fetched;
        fetched.how = Fetched::How::Known;
        fetched.schema.type = textIn(answer, "schemaType");
        if (fetched.schema.type.empty())
            fetched.schema.type = "AVRO";
        fetched.schema.text = textIn(answer, "schema");
        std::set<std::string> seen;
        if (auto failed = addReferences(answer, stop, 0, seen, fetched.schema))
            return *std::move(failed);
        return fetched;
    }

    // What a schema refers to stands behind what that refers to in its turn.
    std::optional<Fetched> addReferences(const JsonNode &answer, const std::stop_token &stop, std::size_t depth,
                                         std::set<std::string> &seen, SchemaText &schema)
    {
        const JsonNode *references = answer.find("references");
        if (!references || references->kind != JsonNode::Kind::Array)
            return std::nullopt;
        for (const JsonNode &reference : references->children) {
            const std::string name = textIn(reference, "name"), subject = textIn(reference, "subject"),
                              version = textIn(reference, "version");
            if (!seen.insert(name).second)
                continue;
            if (seen.size() > MostReferences || depth >= DeepestReference)
                return unknown(
                    {SG_TR("a schema of %1 refers to more than %2 others"), {shown(m_place), std::to_string(MostReferences)}, {}});
            JsonNode text;
            long code = 0;
            if (auto failed = get("/subjects/" + escaped(subject) + "/versions/" + escaped(version), stop, text, code))
                return later(*std::move(failed));
            if (code == 404)
                return unknown({SG_TR("the schema registry %1 lacks version %3 of '%2', which a schema refers to"),
                                {shown(m_place), shown(subject, 80), shown(version, 20)},
                                {}});
            if (auto failed = addReferences(text, stop, depth + 1, seen, schema))
                return failed;
            schema.references.push_back({name, textIn(text, "schema")});
        }
        return std::nullopt;
    }

    // An Error when it cannot be asked now; else the answer, code 200, or code 404 as a registry says it.
    std::optional<Error> get(const std::string &path, const std::stop_token &stop, JsonNode &answer, long &code)
    {
        CurlList headers;
        headers.add("Accept: application/vnd.schemaregistry.v1+json, application/json");
        m_call.begin();
        m_call.keepAnswer(LargestAnswer);
        m_call.set(CURLOPT_URL, m_url + path);
        m_call.set(CURLOPT_USERAGENT, m_name.empty() ? std::string("sightglass") : m_name);
        m_call.set(CURLOPT_HTTPHEADER, headers.list());
        if (!m_ca.empty())
            m_call.set(CURLOPT_CAINFO, m_ca);
        if (!m_user.empty() || !m_password.empty()) {
            m_call.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
            m_call.set(CURLOPT_USERNAME, m_user);
            m_call.set(CURLOPT_PASSWORD, m_password);
        }
        const CURLcode done = m_call.run(AnswerLimit, stop);
        if (done == CURLE_OPERATION_TIMEDOUT)
            return Error{SG_TR("the schema registry %1 did not answer within %2 s"),
                         {shown(m_place), std::to_string(std::chrono::duration_cast<std::chrono::seconds>(AnswerLimit).count())},
                         {}};
        if (done != CURLE_OK)
            return Error{SG_TR("the schema registry %1 cannot be reached: %2"), {shown(m_place), safe(m_call.whyFailed(done))}, {}};
        code = m_call.code();
        if (code == 401 || code == 403)
            return Error{m_user.empty() ? SG_TR("the schema registry %1 answers %2: it wants a user and a password")
                                        : SG_TR("the schema registry %1 answers %2: are user '%3' and the password right?"),
                         {shown(m_place), std::to_string(code), shown(m_user, 60)},
                         {}};
        auto read = parseJsonTree(m_call.answer());
        if (read)
            answer = *std::move(read);
        // "HTTP 404" alone is what any server says to a path that it does not have.
        const std::string fault = textIn(answer, "error_code");
        const bool isRegistry = code == 200 ? answer.find("schema") != nullptr : fault.size() == 5 && fault.starts_with("404");
        if ((code == 200 || code == 404) && isRegistry)
            return std::nullopt;
        if (code == 200 || code == 404)
            return Error{
                SG_TR("%1 answers %2, and not as a schema registry does: is the url right?"), {shown(m_place), std::to_string(code)}, {}};
        return Error{
            SG_TR("the schema registry %1 answers %2: %3"), {shown(m_place), std::to_string(code), safe(shown(m_call.answer(), 200))}, {}};
    }

    [[nodiscard]] std::string safe(std::string text) const
    {
        return m_password.empty() ? text : withoutSecret(std::move(text), m_password);
    }

    const std::string m_name;
    std::string m_url, m_place; // m_place: what of it may be shown
    std::string m_user, m_password, m_ca;
    CurlCall m_call;
    struct Unknown
    {
        Mono askAgain;
        Error why;
    };
    std::map<std::uint32_t, Unknown> m_unknown; // ids that the registry does not have
    Error m_why; // it cannot be asked now
    Mono m_nextTry{};
    Millis m_pause = FirstPause / 2;
};

}

std::unique_ptr<Schemas> makeRegistry(const SourceSpec &spec)
{
    return std::make_unique<Registry>(spec);
}

}
