#include "connectors/mqtt/mqttwire.h"

#include "core/text.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>

namespace sg {
namespace {

constexpr std::size_t Chunk = 16U << 10U;
constexpr std::size_t MostNames = 5;

struct Freeing
{
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
    void operator()(SSL *tls) const { SSL_free(tls); }
    void operator()(GENERAL_NAMES *names) const { GENERAL_NAMES_free(names); }
};
template <class Type> using Owned = std::unique_ptr<Type, Freeing>;

// Asked for the pass phrase of a key; `isAsked` is all that it gives.
int noPassPhrase(char *, int, int, void *isAsked)
{
    *static_cast<bool *>(isAsked) = true;
    return 0;
}

std::optional<Error> giveFiles(SSL_CTX *context, const MqttSettings &settings)
{
    ERR_clear_error();
    if (settings.ca.empty() ? SSL_CTX_set_default_verify_paths(context) != 1
                            : SSL_CTX_load_verify_locations(context, settings.ca.c_str(), nullptr) != 1)
        return Error{SG_TR("mqtt: TLS: the file of ca holds no certificate in PEM form, or cannot be read"), {}, {}};
    if (settings.certificate.empty())
        return std::nullopt;
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1)
        return Error{SG_TR("mqtt: TLS: the file of certificate holds no certificate in PEM form, or cannot be read"), {}, {}};
    bool isAsked = false;
    SSL_CTX_set_default_passwd_cb(context, noPassPhrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &isAsked);
    const std::string &key = settings.key.empty() ? settings.certificate : settings.key;
    const bool isRead = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (isRead)
        return std::nullopt;
    if (isAsked)
        return Error{
            SG_TR("mqtt: TLS: the key is protected by a pass phrase, and there is nobody to ask for it; give a key without one, that "
                  "only this user may read"),
            {},
            {}};
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
        return Error{SG_TR("mqtt: TLS: the key does not belong to the certificate"), {}, {}};
    return settings.key.empty() ? Error{SG_TR("mqtt: TLS: the file of certificate holds no private key; give key"), {}, {}}
                                : Error{SG_TR("mqtt: TLS: the file of key holds no private key in PEM form, or cannot be read"), {}, {}};
}

std::string textOfAddress(std::string_view bytes)
{
    char text[INET6_ADDRSTRLEN];
    const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
    const bool isAddress = (bytes.size() == 4 || bytes.size() == 16) && ::inet_ntop(family, bytes.data(), text, sizeof text) != nullptr;
    return isAddress ? text : "-";
}

// What a certificate is made out to, as text that is safe to show.
std::string namesIn(const X509 *certificate)
{
    if (certificate == nullptr)
        return "-";
    const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string text;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && static_cast<std::size_t>(i) < MostNames; ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        const ASN1_STRING *value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
        const std::string_view bytes(reinterpret_cast<const char *>(ASN1_STRING_get0_data(value)),
                                     static_cast<std::size_t>(ASN1_STRING_length(value)));
        text += (text.empty() ? "" : ", ") + (name->type == GEN_DNS ? shown(bytes, 80) : textOfAddress(bytes));
    }
    return text.empty() ? "-" : text;
}

Error whyNotTrusted(const MqttSettings &settings, long result, const std::string &names)
{
    const std::string broker = shown(settings.broker);
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return {SG_TR("mqtt: TLS: the certificate of %1 has expired; it has to be renewed there"), {broker}, {}};
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return {SG_TR("mqtt: TLS: the certificate of %1 is not valid yet; check the clocks of both machines"), {broker}, {}};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return {SG_TR("mqtt: TLS: the certificate of %1 is not made out to this name, but to: %2; broker must say a name that is in it"),
                {broker, names},
                {}};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return settings.ca.empty()
            ? Error{SG_TR("mqtt: TLS: the certificate of %1 is not trusted: no authority that this machine knows has signed it; give the "
                          "certificate of the authority that did as ca"),
                    {broker},
                    {}}
            : Error{
                SG_TR("mqtt: TLS: the certificate of %1 is not trusted: another authority than that in ca has signed it"), {broker}, {}};
    default:
        return {SG_TR("mqtt: TLS: the certificate of %1 is not trusted (%2)"), {broker, X509_verify_cert_error_string(result)}, {}};
    }
}

// OpenSSL's last word; also that of the broker, when it sent one.
std::string lastWord(unsigned long code)
{
    const char *text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text != nullptr ? text : "-";
}

}

struct MqttWire::Tls
{
    Owned<SSL_CTX> context;
    Owned<SSL> ssl;
    BIO *in = nullptr; // of ssl
    BIO *out = nullptr; // of ssl
    bool isAskedForCertificate = false;
    unsigned long error = 0;
    std::string names; // in a certificate that is not trusted

    static int check(int isGood, X509_STORE_CTX *store)
    {
        if (isGood != 1) {
            const auto *ssl = static_cast<SSL *>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
            static_cast<Tls *>(SSL_get_app_data(ssl))->names = namesIn(X509_STORE_CTX_get_current_cert(store));
        }
        return isGood;
    }
};

MqttWire::MqttWire(TcpConnection connection, Mono until, std::stop_token stop)
    : m_connection(std::move(connection))
    , m_until(until)
    , m_stop(std::move(stop))
{
}

MqttWire::~MqttWire() = default;

std::optional<Error> MqttWire::startTls(const MqttSettings &settings, const std::string &host)
{
    m_tls = std::make_unique<Tls>();
    m_tls->context.reset(SSL_CTX_new(TLS_client_method()));
    if (!m_tls->context)
        return Error{SG_TR("mqtt: TLS is not to be had on this machine"), {}, {}};
    if (auto fault = giveFiles(m_tls->context.get(), settings))
        return fault;
    SSL_CTX_set_verify(m_tls->context.get(), SSL_VERIFY_PEER, Tls::check);
    SSL_CTX_set_cert_cb(
        m_tls->context.get(),
        [](SSL *, void *isAsked) {
            *static_cast<bool *>(isAsked) = true;
            return 1;
        },
        &m_tls->isAskedForCertificate);
    m_tls->ssl.reset(SSL_new(m_tls->context.get()));
    m_tls->in = BIO_new(BIO_s_mem());
    m_tls->out = BIO_new(BIO_s_mem());
    SSL *ssl = m_tls->ssl.get();
    SSL_set_bio(ssl, m_tls->in, m_tls->out);
    SSL_set_app_data(ssl, m_tls.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) != 1) {
        SSL_set1_host(ssl, host.c_str());
        SSL_set_tlsext_host_name(ssl, host.c_str());
    }
    while (true) {
        ERR_clear_error();
        const int done = SSL_connect(ssl);
        const bool isWaiting = done != 1 && SSL_get_error(ssl, done) == SSL_ERROR_WANT_READ;
        m_tls->error = done == 1 || isWaiting ? 0 : ERR_peek_error();
        const bool isSent = flush();
        if (done == 1 && isSent)
            return std::nullopt;
        if (isWaiting && isSent && read())
            continue;
        if (isStopped())
            return Error{SG_TR("stopped"), {}, {}};
        if (const long result = SSL_get_verify_result(ssl); result != X509_V_OK)
            return whyNotTrusted(settings, result, m_tls->names);
        if (auto refused = whyTls(settings))
            return refused;
        const int reason = ERR_GET_REASON(m_tls->error);
        m_isNoTls = m_tls->error == 0 || reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
        if (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL)
            return Error{SG_TR("mqtt: TLS: %1 speaks only a version of TLS that this machine does not take"), {shown(settings.broker)}, {}};
        return Error{SG_TR("mqtt: TLS: %1 breaks it off (%2)"), {shown(settings.broker), lastWord(m_tls->error)}, {}};
    }
}

std::optional<Error> MqttWire::whyTls(const MqttSettings &settings) const
{
    if (!m_tls)
        return std::nullopt;
    const std::string broker = shown(settings.broker);
    const bool hasOwn = !settings.certificate.empty();
    switch (ERR_GET_REASON(m_tls->error)) {
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return Error{SG_TR("mqtt: TLS: %1 refuses our certificate because it has expired; renew it"), {broker}, {}};
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return Error{SG_TR("mqtt: TLS: %1 refuses our certificate because no authority that it knows has signed it"), {broker}, {}};
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        return Error{SG_TR("mqtt: TLS: %1 refuses our certificate because it is revoked"), {broker}, {}};
    default:
        break;
    }
    const bool isEnded = m_tls->error != 0 || m_isClosed;
    if (!isEnded || !m_tls->isAskedForCertificate)
        return std::nullopt;
    return hasOwn ? Error{SG_TR("mqtt: TLS: %1 refuses our certificate (%2)"), {broker, lastWord(m_tls->error)}, {}}
                  : Error{SG_TR("mqtt: TLS: %1 wants a certificate of its clients; give certificate and key"), {broker}, {}};
}

bool MqttWire::send(std::string_view bytes)
{
    if (!m_tls)
        return write(bytes);
    return SSL_write(m_tls->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0 && flush();
}

bool MqttWire::receive(std::size_t size)
{
    while (m_received.size() < size) {
        if (m_tls && readTls())
            continue;
        if (m_tls && m_tls->error != 0)
            return false;
        if (!read())
            return false;
    }
    return true;
}

bool MqttWire::readTls()
{
    char bytes[Chunk];
    ERR_clear_error();
    const int count = SSL_read(m_tls->ssl.get(), bytes, sizeof bytes);
    if (count > 0) {
        m_received.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
    if (SSL_get_error(m_tls->ssl.get(), count) != SSL_ERROR_WANT_READ)
        m_tls->error = ERR_peek_error();
    static_cast<void>(flush());
    return false;
}

bool MqttWire::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::send(m_connection.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n > 0)
            bytes.remove_prefix(static_cast<std::size_t>(n));
        else if ((errno != EAGAIN && errno != EINTR) || !waitForSocket(m_connection.fd(), true, m_until, m_stop)) {
            m_isClosed = errno != EAGAIN && errno != EINTR;
            return false;
        }
    }
    return true;
}

bool MqttWire::flush()
{
    char bytes[Chunk];
    while (true) {
        const int count = BIO_read(m_tls->out, bytes, sizeof bytes);
        if (count <= 0)
            return true;
        if (!write({bytes, static_cast<std::size_t>(count)}))
            return false;
    }
}

bool MqttWire::read()
{
    char bytes[Chunk];
    if (!waitForSocket(m_connection.fd(), false, m_until, m_stop))
        return false;
    const ssize_t n = ::recv(m_connection.fd(), bytes, sizeof bytes, 0);
    if (n <= 0) {
        m_isClosed = true;
        return false;
    }
    if (m_tls)
        BIO_write(m_tls->in, bytes, static_cast<int>(n));
    else
        m_received.append(bytes, static_cast<std::size_t>(n));
    return true;
}

std::optional<Error> checkTlsFiles(const MqttSettings &settings)
{
    const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    return context ? giveFiles(context.get(), settings) : std::nullopt;
}

}
