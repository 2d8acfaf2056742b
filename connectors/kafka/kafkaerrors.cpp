#include "connectors/kafka/kafkaerrors.h"

namespace sg {
namespace {

// X509_V_ERR_...; numbers are part of OpenSSL's interface.
constexpr int NotYetValid = 9;
constexpr int Expired = 10;
constexpr int OtherHost = 62;
constexpr int OtherAddress = 64;

constexpr int FirstGoodScram = 0x020601FF; // before 2.6.1 librdkafka repeats its nonce, which Kafka 4 takes for wrong credentials

const char *const NoAnswer = SG_TR("kafka: no broker answers (%1)");

struct Reason
{
    std::string_view text;
    [[nodiscard]] bool says(std::string_view words) const { return text.find(words) != std::string_view::npos; }
};

Error explainLogin(const KafkaSettings &settings, const Reason &reason, const std::string &said)
{
    if (reason.says("Unsupported SASL mechanism"))
        return {SG_TR("kafka: login: the broker does not offer sasl.mechanism %1; take one that it names (%2)"),
                {settings.mechanism, said},
                {}};
    if (reason.says("not valid in current SASL state"))
        return {SG_TR("kafka: login: the broker asks for no login on this port; use its SASL port, or security.protocol %1 (%2)"),
                {settings.usesTls() ? "SSL" : "PLAINTEXT", said},
                {}};
    if (reason.says("OAUTHBEARER token"))
        return {SG_TR("kafka: login: there is no valid token (%1)"), {said}, {}};
    if (settings.mechanism == "OAUTHBEARER")
        return {SG_TR("kafka: login: the broker refuses this token (%1)"), {said}, {}};
    if (settings.mechanism.starts_with("SCRAM") && rd_kafka_version() < FirstGoodScram)
        return {
            SG_TR("kafka: login: the broker refuses this user or password (%1). If both are right: librdkafka %2, before 2.6.1, cannot log "
                  "in to Kafka 4 with SCRAM, because it repeats its nonce; update librdkafka, or use sasl.mechanism PLAIN over TLS"),
            {said, rd_kafka_version_str()},
            {}};
    return {SG_TR("kafka: login: the broker refuses this user or password (%1)"), {said}, {}};
}

Error explainTls(const Reason &reason, const std::string &said, int certificate)
{
    if (reason.says("certificate verify failed")) {
        if (certificate == Expired)
            return {SG_TR("kafka: TLS: the broker's certificate has expired; it has to be renewed there (%1)"), {said}, {}};
        if (certificate == NotYetValid)
            return {SG_TR("kafka: TLS: the broker's certificate is not valid yet; check the clocks of both machines (%1)"), {said}, {}};
        if (certificate == OtherHost || certificate == OtherAddress)
            return {SG_TR("kafka: TLS: the broker's certificate is for another name; the broker's host name in brokers must be one of the "
                          "certificate's (%1)"),
                    {said},
                    {}};
        return {SG_TR("kafka: TLS: the broker's certificate is not trusted, for no authority known here has signed it; give the "
                      "authority's certificate as ssl.ca.location (%1)"),
                {said},
                {}};
    }
    // What a port without TLS answers to a greeting of TLS.
    if (reason.says("unexpected eof") || reason.says("wrong version number") || reason.says("PLAINTEXT broker listener"))
        return {SG_TR("kafka: TLS: this port of the broker speaks no TLS; use its TLS port, or a security.protocol without SSL (%1)"),
                {said},
                {}};
    if (reason.says(" alert ") && reason.says("expired"))
        return {SG_TR("kafka: TLS: the broker refuses our certificate because it has expired; renew ssl.certificate.location (%1)"),
                {said},
                {}};
    if (reason.says(" alert ") || reason.says("certificate required"))
        return {SG_TR("kafka: TLS: the broker refuses our certificate, or wants one; check ssl.certificate.location and ssl.key.location "
                      "(%1)"),
                {said},
                {}};
    return {SG_TR("kafka: TLS with the broker failed (%1)"), {said}, {}};
}

std::optional<Error> explainRight(rd_kafka_resp_err_t code, const std::string &said)
{
    switch (static_cast<int>(code)) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return Error{SG_TR("kafka: authorisation: this user may not read the topic; it needs Read and Describe on it (%1)"), {said}, {}};
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return Error{SG_TR("kafka: authorisation: this user has no right on the cluster (%1)"), {said}, {}};
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        return Error{SG_TR("kafka: authorisation: this user has no right on the group (%1)"), {said}, {}};
    default:
        return std::nullopt;
    }
}

}

Error explainKafka(const KafkaSettings &settings, rd_kafka_resp_err_t code, std::string_view text, const KafkaFacts &facts)
{
    const Reason reason{text};
    const std::string said = settings.safe(text);
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        return explainLogin(settings, reason, said);
    if (const auto right = explainRight(code, said))
        return *right;
    // Under load the connection's end may be told before the handshake's, and then in OpenSSL's words alone.
    if (code == RD_KAFKA_RESP_ERR__SSL || reason.says("SSL handshake failed") || reason.says("SSL routines"))
        return explainTls(reason, said, facts.certificate);
    if (code == RD_KAFKA_RESP_ERR__RESOLVE)
        return {SG_TR("kafka: the broker's host name is not known here (%1)"), {said}, {}};
    if (!facts.hasAnswered && reason.says("connecting to a SSL listener"))
        return {SG_TR("kafka: TLS: the broker ends the connection before its first word; if this is its TLS port, set security.protocol to "
                      "SSL or SASL_SSL (%1)"),
                {said},
                {}};
    if (!facts.hasAnswered && reason.says("might require SASL"))
        return {SG_TR("kafka: login: the broker ends the connection at the first question, as a port does that wants a login; set "
                      "security.protocol to %1 with sasl.mechanism, sasl.username and sasl.password (%2)"),
                {settings.usesTls() ? "SASL_SSL" : "SASL_PLAINTEXT", said},
                {}};
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__TRANSPORT)
        return {NoAnswer, {said}, {}};
    return {SG_TR("kafka: %1"), {said.empty() ? std::string(rd_kafka_err2str(code)) : said}, {}};
}

bool isVagueKafka(const Error &error)
{
    return std::string_view(error.text) == NoAnswer;
}

}
