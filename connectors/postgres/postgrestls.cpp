#include "connectors/postgres/postgresconnect.h"

#include "core/reach.h"
#include "core/text.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <ctime>
#include <memory>
#include <sys/socket.h>

// The TLS of a server by hand: libpq says "certificate verify failed" and closes, and which of the reasons it was nobody can ask it.
namespace sg {

namespace {

template <auto Free> struct Freed
{
    template <class T> void operator()(T *what) const { Free(what); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

std::string opensslSays()
{
    char text[256] = "";
    const unsigned long code = ERR_get_error();
    ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return code == 0 ? std::string("the connection was closed") : shown(text, 200);
}

std::string dayOf(const ASN1_TIME *time)
{
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return "?";
    char text[32] = "";
    std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return text;
}

std::string commonName(const X509_NAME *name)
{
    char text[128] = "";
    return X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text) > 0 ? shown(text, 60) : std::string("?");
}

// The hosts that it is made for, as the server says.
std::string namesIn(const X509 *certificate)
{
    constexpr int Most = 4;
    std::string out;
    auto *names = static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; names != nullptr && i < std::min(sk_GENERAL_NAME_num(names), Most); ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        const auto *text = reinterpret_cast<const char *>(ASN1_STRING_get0_data(name->d.dNSName));
        const std::string_view host(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        out += (out.empty() ? "" : ", ") + shown(host, 60);
    }
    GENERAL_NAMES_free(names);
    return out.empty() ? commonName(X509_get_subject_name(certificate)) : out;
}

bool isAddress(const std::string &host)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

PostgresFailure refusal(const char *text, std::vector<std::string> args)
{
    return {{text, std::move(args), {}}, true};
}

std::optional<PostgresFailure> judge(long verdict, const X509 *certificate, const PostgresSettings &settings)
{
    const std::string server = settings.server();
    switch (verdict) {
    case X509_V_OK:
        return std::nullopt;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return refusal(SG_TR("postgres: TLS: the certificate of server %1 expired on %2; it has to be renewed there"),
                       {server, dayOf(X509_get0_notAfter(certificate))});
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return refusal(SG_TR("postgres: TLS: the certificate of server %1 is valid from %2 on; check the clocks of both machines"),
                       {server, dayOf(X509_get0_notBefore(certificate))});
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return refusal(SG_TR("postgres: TLS: the certificate of server %1 is for %2 and not for %3; host must be a name that it holds"),
                       {server, namesIn(certificate), shown(settings.host, 100)});
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return refusal(
            SG_TR("postgres: TLS: the certificate of server %1 is signed by '%2', whom the file of `ca` does not know; ask for that "
                  "authority's certificate and give it as ca"),
            {server, commonName(X509_get_issuer_name(certificate))});
    default:
        return refusal(SG_TR("postgres: TLS: the certificate of server %1 is not accepted: %2"),
                       {server, X509_verify_cert_error_string(verdict)});
    }
}

// The server's word whether it speaks TLS: 'S', 'N', or what is no PostgreSQL server.
char askForTls(int socket, const std::stop_token &stop)
{
    constexpr std::array<unsigned char, 8> request{0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    char answer = '\0';
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())
        || !waitForSocket(socket, false, Mono::clock::now() + StepPatience, stop) || ::recv(socket, &answer, 1, 0) != 1)
        return '\0';
    return answer;
}

// Verified as libpq will do it, but told at the end, when the certificate can be looked at.
std::optional<PostgresFailure> prepare(SSL_CTX &context, SSL &session, const PostgresSettings &settings)
{
    const bool isFull = settings.sslmode == "verify-full";
    if (!settings.ca.empty() && SSL_CTX_load_verify_locations(&context, settings.ca.c_str(), nullptr) != 1) {
        ERR_clear_error();
        return refusal(SG_TR("postgres: TLS: the file of `ca` holds no certificate in PEM form"), {});
    }
    if (!isAddress(settings.host))
        SSL_set_tlsext_host_name(&session, settings.host.c_str());
    if (isFull && isAddress(settings.host))
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&session), settings.host.c_str());
    else if (isFull)
        SSL_set1_host(&session, settings.host.c_str());
    return std::nullopt;
}

}

std::optional<PostgresFailure> tryTls(int socket, const PostgresSettings &settings, const SayStep &say, const std::stop_token &stop)
{
    const bool isDemanded = settings.sslmode != "prefer" && settings.sslmode != "allow";
    const bool isVerified = settings.sslmode.starts_with("verify") && !settings.ca.empty();
    const std::string server = settings.server();
    const char answer = askForTls(socket, stop);
    if (answer == 'N' && isDemanded)
        return refusal(SG_TR("postgres: TLS: server %1 has no TLS, which sslmode %2 demands; its administrator has to switch ssl on"),
                       {server, settings.sslmode});
    if (answer == 'N') {
        say({SG_TR("the server has no TLS"), {}, {}});
        return std::nullopt;
    }
    if (answer != 'S')
        return PostgresFailure{
            {SG_TR("postgres: TLS: what answers at %1 is no PostgreSQL server, or takes no connection now"), {server}, {}}, false};
    const Context context(SSL_CTX_new(TLS_client_method()));
    const Session session(context ? SSL_new(context.get()) : nullptr);
    if (!session)
        return refusal(SG_TR("postgres: TLS: %1"), {opensslSays()});
    if (auto failed = prepare(*context, *session, settings))
        return failed;
    SSL_set_fd(session.get(), socket);
    const Mono deadline = Mono::clock::now() + StepPatience;
    for (int done = 0; (done = SSL_connect(session.get())) != 1;) {
        const int why = SSL_get_error(session.get(), done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            return refusal(SG_TR("postgres: TLS: server %1 and this machine do not agree: %2"), {server, opensslSays()});
        if (!waitForSocket(socket, why == SSL_ERROR_WANT_WRITE, deadline, stop))
            return PostgresFailure{{SG_TR("postgres: TLS: server %1 does not answer"), {server}, {}}, false};
    }
    const Certificate certificate(SSL_get1_peer_certificate(session.get()));
    if (isVerified && certificate)
        if (auto failed = judge(SSL_get_verify_result(session.get()), certificate.get(), settings))
            return failed;
    say({isVerified ? SG_TR("%1, the certificate is of %2 and valid until %3") : SG_TR("%1, the certificate is of %2 and was not verified"),
         {SSL_get_version(session.get()), certificate ? namesIn(certificate.get()) : std::string("?"),
          certificate ? dayOf(X509_get0_notAfter(certificate.get())) : std::string()},
         {}});
    return std::nullopt;
}

}
