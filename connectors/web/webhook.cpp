#include "connectors/web/webhook.h"

#include "connectors/web/curlcall.h"

#include "core/secret.h"
#include "core/text.h"
#include "core/weburl.h"
#include "core/workspacefile.h"

namespace sg {

namespace {

using namespace std::chrono_literals;

std::string secretOf(const Node &reference, std::vector<std::string> &secrets)
{
    auto secret = readSecret(reference);
    if (!secret)
        throw Refusal{secret.error()};
    secrets.push_back(*secret);
    return *std::move(secret);
}

// What hangs on the message itself. All else may be the way to the receiver, a token that is changed or a server that is being moved.
bool isRefusal(long code)
{
    return code == 400 || code == 413 || code == 415 || code == 422;
}

class Webhook final : public Sender
{
public:
    explicit Webhook(const SourceSpec &target)
        : m_isGet(target.settings.text("method") == "GET")
        , m_name(target.clientName)
        , m_call("http,https")
    {
        const Node &settings = target.settings;
        const bool isSecret = isSecretReference(settings["url"]);
        m_url = isSecret ? secretOf(settings["url"], m_secrets) : settings.text("url");
        if (!isWebUrl(m_url))
            throw Refusal{settings["url"].error(SG_TR("what %1 holds is not https://host/path or http://host/path"),
                                                {isSecret ? nameOfSecret(settings["url"]) : "url"})};
        m_place = placeOfUrl(m_url);
        m_secrets.push_back(m_url.substr(m_place.size())); // a path may be the receiver's own secret
        if (settings.has("timeout"))
            if (const auto limit = readDuration(settings["timeout"], "timeout"))
                m_limit = std::chrono::duration_cast<Millis>(*limit);
        if (settings.has("ca")) {
            auto ca = fileInWorkspace(target.folder, settings.text("ca"), "ca");
            if (!ca)
                throw Refusal{ca.error()};
            m_ca = *std::move(ca);
        }
        if (settings.has("token"))
            m_headers.push_back("Authorization: Bearer " + secretOf(settings["token"], m_secrets));
        for (const auto &[name, value] : settings["headers"].map)
            m_headers.push_back(name + ": " + (isSecretReference(value) ? secretOf(value, m_secrets) : value.scalar));
        for (const std::string &header : m_headers)
            if (header.find_first_of("\r\n") != std::string::npos)
                throw Refusal{settings.error(SG_TR("a secret of route '%1' is more than one line and cannot be a header"), {target.id})};
    }

    Sent send(const Notification &message, std::stop_token stop) override
    {
        CurlList headers;
        for (const std::string &header : m_headers)
            headers.add(header);
        headers.add("Content-Type: application/json");
        headers.add("Idempotency-Key: \"" + message.key + "\"");
        headers.add("Sightglass-Attempt: " + std::to_string(message.attempt));
        headers.add("Expect:"); // no round trip before the body
        m_call.begin();
        // libcurl sends a request again by itself when a kept connection ends without an answer: a repetition that nobody counted.
        m_call.set(CURLOPT_FRESH_CONNECT, 1L);
        m_call.set(CURLOPT_FORBID_REUSE, 1L);
        m_call.set(CURLOPT_URL, m_url);
        m_call.set(CURLOPT_USERAGENT, m_name.empty() ? std::string("sightglass") : m_name);
        m_call.set(CURLOPT_HTTPHEADER, headers.list());
        if (!m_ca.empty())
            m_call.set(CURLOPT_CAINFO, m_ca);
        if (!m_isGet) {
            m_call.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(message.body.size()));
            m_call.set(CURLOPT_COPYPOSTFIELDS, message.body);
        }
        const CURLcode done = m_call.run(m_limit, stop);
        if (done == CURLE_OPERATION_TIMEDOUT)
            return {Sent::How::Later, {SG_TR("%1 did not answer within %2"), {shown(m_place), formatLimit()}, {}}};
        if (done != CURLE_OK)
            return {Sent::How::Later, {SG_TR("%1 cannot be reached: %2"), {shown(m_place), safe(m_call.whyFailed(done))}, {}}};
        const long code = m_call.code();
        if (code >= 200 && code < 300)
            return {};
        return {isRefusal(code) ? Sent::How::Refused : Sent::How::Later,
                {SG_TR("%1 answers %2: %3"), {shown(m_place), std::to_string(code), safe(shown(m_call.answer(), 200))}, {}}};
    }

    // Up to the end of the TLS handshake: what follows would be a request.
    Result<Done> connect(const std::function<void(const Error &step)> &say, const std::stop_token &stop)
    {
        say({SG_TR("connecting to %1"), {shown(m_place)}, {}});
        m_call.begin();
        m_call.set(CURLOPT_URL, m_url);
        m_call.set(CURLOPT_CONNECT_ONLY, 1L);
        if (!m_ca.empty())
            m_call.set(CURLOPT_CAINFO, m_ca);
        const CURLcode done = m_call.run(std::min<Millis>(m_limit, 10s), stop);
        if (done == CURLE_OPERATION_TIMEDOUT)
            return Error{SG_TR("%1 did not answer in time"), {shown(m_place)}, {}};
        if (done != CURLE_OK)
            return Error{SG_TR("%1 cannot be reached: %2"), {shown(m_place), safe(m_call.whyFailed(done))}, {}};
        say({m_place.starts_with("https:") ? SG_TR("connected, its certificate is right; nothing was sent")
                                           : SG_TR("connected; nothing was sent"),
             {},
             {}});
        return Done();
    }

private:
    [[nodiscard]] std::string formatLimit() const { return std::to_string(m_limit.count() / 1000) + " s"; }
    [[nodiscard]] std::string safe(std::string text) const
    {
        for (const std::string &secret : m_secrets)
            text = withoutSecret(std::move(text), secret);
        return text;
    }

    std::string m_url, m_place; // m_place: what of it may be shown
    const bool m_isGet;
    const std::string m_name;
    Millis m_limit = 15s;
    std::string m_ca;
    std::vector<std::string> m_headers, m_secrets;
    CurlCall m_call;
};

}

SenderKind httpSender()
{
    return {"http", [](const SourceSpec &target) -> std::unique_ptr<Sender> { return std::make_unique<Webhook>(target); },
            [](const SourceSpec &target, const std::function<void(const Error &)> &say, std::stop_token stop) {
                return Webhook(target).connect(say, stop);
            }};
}

}
