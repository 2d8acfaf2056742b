#include "connectors/mqtt/mqttdiagnosis.h"

#include "core/platform.h"
#include "core/text.h"

#include <mqtt/async_client.h> // and with it the C client

#include <condition_variable>
#include <mutex>

namespace sg {
namespace {
using namespace std::chrono_literals;

// Lives longer than the client that writes into it.
struct Heard
{
    std::mutex mutex;
    std::condition_variable isDone;
    std::string text; // guarded by mutex
    bool hasEnded = false; // guarded by mutex

    void end()
    {
        {
            const std::lock_guard guard(mutex);
            hasEnded = true;
        }
        isDone.notify_all();
    }
};

int onTlsError(const char *text, size_t size, void *context)
{
    auto *heard = static_cast<Heard *>(context);
    const std::lock_guard guard(heard->mutex);
    if (heard->text.size() < 1000)
        heard->text.append(text, std::min<size_t>(size, 300)).append(" ");
    return 1;
}

void onConnected(void *context, MQTTAsync_successData *)
{
    static_cast<Heard *>(context)->end();
}
void onFailed(void *context, MQTTAsync_failureData *)
{
    static_cast<Heard *>(context)->end();
}

}

std::optional<Error> whyTlsFails(const MqttSettings &settings)
{
    Heard heard;
    MQTTAsync client = nullptr;
    const std::string name = "sightglass-tls-" + randomName();
    if (MQTTAsync_create(&client, settings.broker.c_str(), name.c_str(), MQTTCLIENT_PERSISTENCE_NONE, nullptr) != MQTTASYNC_SUCCESS)
        return std::nullopt;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = settings.ca.empty() ? nullptr : settings.ca.c_str();
    tls.keyStore = settings.certificate.empty() ? nullptr : settings.certificate.c_str();
    tls.privateKey = settings.key.empty() ? nullptr : settings.key.c_str();
    tls.enableServerCertAuth = 1;
    tls.verify = 1;
    tls.ssl_error_cb = onTlsError;
    tls.ssl_error_context = &heard;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.ssl = &tls;
    options.connectTimeout = 3;
    options.onSuccess = onConnected;
    options.onFailure = onFailed;
    options.context = &heard;
    if (MQTTAsync_connect(client, &options) == MQTTASYNC_SUCCESS) {
        std::unique_lock lock(heard.mutex);
        heard.isDone.wait_for(lock, 1500ms, [&heard] { return heard.hasEnded; });
    }
    MQTTAsync_destroy(&client);
    const std::string text = heard.text;
    if (text.find("certificate verify failed") != std::string::npos)
        return Error{SG_TR("mqtt: the certificate of %1 is not trusted; check ca (%2)"), {shown(settings.broker), settings.safe(text)}, {}};
    if (!text.empty())
        return Error{SG_TR("mqtt: TLS with %1 failed (%2)"), {shown(settings.broker), settings.safe(text)}, {}};
    return Error{SG_TR("mqtt: %1 does not answer, or its certificate is not made out to this name"), {shown(settings.broker)}, {}};
}

}
