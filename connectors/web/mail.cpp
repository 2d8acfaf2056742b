#include "connectors/web/mail.h"

#include "connectors/web/curlcall.h"

#include "core/cuttext.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/workspacefile.h"

#include <array>
#include <cstdio>

namespace sg {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t LongestSubject = 200;
#if LIBCURL_VERSION_NUM >= 0x080200
constexpr CURLoption AllowRefused = CURLOPT_MAIL_RCPT_ALLOWFAILS;
#else
constexpr CURLoption AllowRefused = CURLOPT_MAIL_RCPT_ALLLOWFAILS;
#endif

std::string base64(std::string_view bytes)
{
    static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; };
        const unsigned three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
        out += digits[three >> 18U];
        out += digits[three >> 12U & 63U];
        out += i + 1 < bytes.size() ? digits[three >> 6U & 63U] : '=';
        out += i + 2 < bytes.size() ? digits[three & 63U] : '=';
    }
    return out;
}

// RFC 2047, in words of at most 45 bytes that do not cut a character; plain ASCII stays.
std::string headerText(std::string text)
{
    if (!isUtf8(text))
        text = shown(text);
    for (char &c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    text.resize(cutText(text, LongestSubject).size());
    const bool isPlain = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })
        && text.find("=?") == std::string::npos && text.size() < 70;
    if (isPlain)
        return text;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view word = cutText(std::string_view(text).substr(at), 45);
        out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + base64(word) + "?=");
        at += word.size();
    }
    return out;
}

// RFC 5322, in UTC, whatever language this machine speaks.
std::string dateOf(Time t)
{
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(t - day));
    char text[64] = {};
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", days[std::chrono::weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

// Which of several addresses the server takes no mail for, out of what was said on the way.
class Answers
{
public:
    void hear(bool isOurs, std::string_view line)
    {
        if (isOurs) {
            m_asked = line.starts_with("RCPT TO:") ? trimmed(line.substr(8)) : std::string_view();
            return;
        }
        if (m_asked.empty() || line.size() < 4 || line[3] != ' ')
            return; // of something else, or more of it follows
        if (line[0] == '4' || line[0] == '5') {
            m_isForGood = m_isForGood && line[0] == '5';
            ++m_refused;
            if (m_refused <= MostNamed)
                m_text += (m_text.empty() ? "" : "; ") + shown(m_asked, 260) + ": " + shown(trimmed(line), 100);
        }
        m_asked.clear();
    }
    [[nodiscard]] std::size_t refused() const { return m_refused; }
    [[nodiscard]] bool isForGood() const { return m_isForGood; } // of all that were refused
    [[nodiscard]] const std::string &text() const { return m_text; }

private:
    static constexpr std::size_t MostNamed = 3;
    static std::string_view trimmed(std::string_view text)
    {
        const std::size_t end = text.find_last_not_of(" \r\n");
        return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    }

    std::string m_asked, m_text;
    std::size_t m_refused = 0;
    bool m_isForGood = true;
};

class Mail final : public Sender
{
public:
    explicit Mail(const SourceSpec &target)
        : m_host(target.settings.text("host"))
        , m_from(target.settings.text("from"))
        , m_to(readTexts(target.settings["to"]))
        , m_security(target.settings.text("security", "starttls"))
        , m_user(target.settings.text("user"))
        , m_call(m_security == "tls" ? "smtps" : "smtp")
    {
        const Node &settings = target.settings;
        const char *usual = m_security == "tls" ? "465" : m_security == "starttls" ? "587" : "25";
        m_url = std::string(m_security == "tls" ? "smtps://" : "smtp://") + m_host + ":" + settings.text("port", usual);
        if (settings.has("timeout"))
            if (const auto limit = readDuration(settings["timeout"], "timeout"))
                m_limit = std::chrono::duration_cast<Millis>(*limit);
        if (settings.has("ca")) {
            auto ca = fileInWorkspace(target.folder, settings.text("ca"), "ca");
            if (!ca)
                throw Refusal{ca.error()};
            m_ca = *std::move(ca);
        }
        if (settings.has("password")) {
            auto password = readSecret(settings["password"]);
            if (!password)
                throw Refusal{password.error()};
            m_password = *std::move(password);
        }
    }

    Sent send(const Notification &message, std::stop_token stop) override
    {
        CurlList to;
        for (const std::string &address : m_to)
            to.add("<" + address + ">");
        begin();
        m_call.set(CURLOPT_MAIL_FROM, "<" + m_from + ">");
        m_call.set(CURLOPT_MAIL_RCPT, to.list());
        m_call.set(AllowRefused, 1L); // one address that is gone does not keep the mail from the others
        m_answers = {};
        m_call.setHearer([this](bool isOurs, std::string_view line) { m_answers.hear(isOurs, line); });
        m_call.setUpload(mailOf(message, m_from, m_to));
        const CURLcode done = m_call.run(m_limit, stop);
        if (done == CURLE_OK && m_answers.refused() == 0)
            return {};
        if (done == CURLE_OK)
            return {Sent::How::Delivered,
                    {SG_TR("%1 takes no mail for %2 of the %3 addresses; the others have it: %4"),
                     {shown(m_host), std::to_string(m_answers.refused()), std::to_string(m_to.size()), m_answers.text()},
                     {}}};
        if (done == CURLE_LOGIN_DENIED || done == CURLE_OPERATION_TIMEDOUT)
            return {Sent::How::Later, explain(done)};
        const bool isToNobody = m_answers.refused() == m_to.size();
        if (isToNobody)
            return {m_answers.isForGood() ? Sent::How::Refused : Sent::How::Later,
                    {SG_TR("%1 takes no mail for any of the addresses: %2"), {shown(m_host), m_answers.text()}, {}}};
        const long code = m_call.code();
        if ((done == CURLE_SEND_ERROR || done == CURLE_WEIRD_SERVER_REPLY || done == CURLE_RECV_ERROR) && code >= 550 && code < 560)
            return {Sent::How::Refused, {SG_TR("%1 takes no such mail (%2: %3)"), {shown(m_host), std::to_string(code), why(done)}, {}}};
        return {Sent::How::Later, {SG_TR("the mail did not reach %1: %2"), {shown(m_host), why(done)}, {}}};
    }

    // Greets, logs in and says goodbye; no mail begins.
    Result<Done> connect(const std::function<void(const Error &step)> &say, const std::stop_token &stop)
    {
        say({SG_TR("connecting to %1"), {shown(m_host)}, {}});
        begin();
        m_call.set(CURLOPT_CUSTOMREQUEST, "NOOP");
        m_call.set(CURLOPT_NOBODY, 1L);
        const CURLcode done = m_call.run(std::min<Millis>(m_limit, 10s), stop);
        if (done != CURLE_OK)
            return explain(done);
        say({m_password.empty() ? SG_TR("connected; nothing was sent") : SG_TR("connected and logged in; nothing was sent"), {}, {}});
        return Done();
    }

private:
    void begin()
    {
        m_call.begin();
        m_call.set(CURLOPT_URL, m_url);
        m_call.set(CURLOPT_USE_SSL, m_security == "none" ? CURLUSESSL_NONE : CURLUSESSL_ALL);
        if (!m_ca.empty())
            m_call.set(CURLOPT_CAINFO, m_ca);
        if (!m_password.empty()) {
            m_call.set(CURLOPT_USERNAME, m_user);
            m_call.set(CURLOPT_PASSWORD, m_password);
        }
    }
    [[nodiscard]] std::string why(CURLcode done) const { return withoutSecret(m_call.whyFailed(done), m_password); }
    [[nodiscard]] Error explain(CURLcode done) const
    {
        if (done == CURLE_LOGIN_DENIED)
            return {SG_TR("%1 refuses this user or password (%2)"), {shown(m_host), why(done)}, {}};
        if (done == CURLE_OPERATION_TIMEDOUT)
            return {SG_TR("%1 did not answer in time: %2"), {shown(m_host), why(done)}, {}};
        return {SG_TR("%1 cannot be reached: %2"), {shown(m_host), why(done)}, {}};
    }

    const std::string m_host, m_from;
    const std::vector<std::string> m_to;
    const std::string m_security, m_user;
    std::string m_url, m_ca, m_password;
    Millis m_limit = 30s;
    Answers m_answers; // of the attempt under way
    CurlCall m_call;
};

}

std::string mailOf(const Notification &message, const std::string &from, const std::vector<std::string> &to)
{
    std::string out = "Date: " + dateOf(message.made) + "\r\nFrom: Sightglass <" + from + ">\r\nTo: ";
    for (const std::string &address : to)
        out += (&address == to.data() ? "<" : ",\r\n <") + address + ">";
    out += "\r\nSubject: " + headerText(message.subject) + "\r\nMessage-ID: <" + message.key
        + "@sightglass.invalid>\r\nSightglass-Attempt: " + std::to_string(message.attempt)
        + "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\n";
    const std::string body = base64(isUtf8(message.body) ? message.body : shown(message.body, message.body.size()));
    for (std::size_t at = 0; at < body.size(); at += 76)
        out += body.substr(at, 76) + "\r\n";
    return out;
}

SenderKind smtpSender()
{
    return {"smtp", [](const SourceSpec &target) -> std::unique_ptr<Sender> { return std::make_unique<Mail>(target); },
            [](const SourceSpec &target, const std::function<void(const Error &)> &say, std::stop_token stop) {
                return Mail(target).connect(say, stop);
            }};
}

}
