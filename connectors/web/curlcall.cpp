#include "connectors/web/curlcall.h"

#include "core/source.h"
#include "core/text.h"

#include <algorithm>
#include <mutex>

namespace sg {

namespace {

constexpr std::size_t LongestAnswer = 4096; // of which nobody asked for more: the rest is read and forgotten
constexpr long LongestConnect = 10'000; // ms

// Once in a process, before any thread of ours uses it.
void startCurl()
{
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}

CurlCall::CurlCall(const char *protocols)
    : m_protocols(protocols)
{
    startCurl();
    m_handle = curl_easy_init();
    if (m_handle == nullptr)
        throw Refusal{Error{SG_TR("libcurl cannot be started"), {}, {}}};
}

CurlCall::~CurlCall()
{
    curl_easy_cleanup(m_handle);
}

void CurlCall::begin()
{
    curl_easy_reset(m_handle); // keeps its connections
    m_answer.clear();
    m_upload.clear();
    m_uploaded = 0;
    m_mostKept = LongestAnswer;
    m_words[0] = '\0';
    if (curl_easy_setopt(m_handle, CURLOPT_PROTOCOLS_STR, m_protocols) != CURLE_OK)
        throw Refusal{Error{SG_TR("libcurl on this machine does not speak %1"), {m_protocols}, {}}};
    set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    set(CURLOPT_QUICK_EXIT, 1L); // a name server that does not answer holds up neither the time-out nor the end
#endif
    set(CURLOPT_FOLLOWLOCATION, 0L);
    // Only what the workspace says: no password out of ~/.netrc, no proxy out of an environment variable.
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_PROXY, std::string());
    curl_easy_setopt(m_handle, CURLOPT_ERRORBUFFER, m_words);
    curl_easy_setopt(m_handle, CURLOPT_WRITEFUNCTION, &CurlCall::onAnswer);
    curl_easy_setopt(m_handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_XFERINFOFUNCTION, &CurlCall::onProgress);
    curl_easy_setopt(m_handle, CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
}

void CurlCall::set(CURLoption option, const std::string &text)
{
    curl_easy_setopt(m_handle, option, text.c_str());
}

void CurlCall::set(CURLoption option, long number)
{
    curl_easy_setopt(m_handle, option, number);
}

void CurlCall::set(CURLoption option, curl_slist *list)
{
    curl_easy_setopt(m_handle, option, list);
}

void CurlCall::setUpload(std::string text)
{
    m_upload = std::move(text);
    set(CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(m_handle, CURLOPT_READFUNCTION, &CurlCall::onUpload);
    curl_easy_setopt(m_handle, CURLOPT_READDATA, this);
}

void CurlCall::setHearer(std::function<void(bool, std::string_view)> hearer)
{
    m_hearer = std::move(hearer);
    curl_easy_setopt(m_handle, CURLOPT_DEBUGFUNCTION, &CurlCall::onTrace);
    curl_easy_setopt(m_handle, CURLOPT_DEBUGDATA, this);
    set(CURLOPT_VERBOSE, 1L);
}

CURLcode CurlCall::run(Millis limit, const std::stop_token &stop)
{
    m_stop = stop;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, std::min(static_cast<long>(limit.count()), LongestConnect));
    return curl_easy_perform(m_handle);
}

long CurlCall::code() const
{
    long code = 0;
    curl_easy_getinfo(m_handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

std::string CurlCall::whyFailed(CURLcode code) const
{
    return shown(m_words[0] != '\0' ? m_words : curl_easy_strerror(code), 300);
}

std::size_t CurlCall::onAnswer(char *bytes, std::size_t one, std::size_t count, void *self)
{
    auto *call = static_cast<CurlCall *>(self);
    const std::size_t left = call->m_mostKept - std::min(call->m_mostKept, call->m_answer.size());
    call->m_answer.append(bytes, std::min(one * count, left));
    return one * count;
}

std::size_t CurlCall::onUpload(char *bytes, std::size_t one, std::size_t count, void *self)
{
    auto *call = static_cast<CurlCall *>(self);
    const std::size_t size = std::min(one * count, call->m_upload.size() - call->m_uploaded);
    std::copy_n(call->m_upload.data() + call->m_uploaded, size, bytes);
    call->m_uploaded += size;
    return size;
}

int CurlCall::onTrace(CURL *, curl_infotype type, char *bytes, std::size_t size, void *self)
{
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        static_cast<CurlCall *>(self)->m_hearer(type == CURLINFO_HEADER_OUT, std::string_view(bytes, size));
    return 0;
}

int CurlCall::onProgress(void *self, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<CurlCall *>(self)->m_stop.stop_requested() ? 1 : 0;
}

void CurlList::add(const std::string &text)
{
    if (curl_slist *longer = curl_slist_append(m_list, text.c_str()))
        m_list = longer;
}

}
