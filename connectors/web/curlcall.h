#pragma once

#include "core/types.h"

#include <curl/curl.h>

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace sg {

// One libcurl easy handle that is kept, so that a connection can be used again. One thread. It follows no redirect, speaks only the
// protocols that it is told, and gives up at the time-out or soon after `stop`.
class CurlCall
{
public:
    explicit CurlCall(const char *protocols); // "http,https"; throws Refusal when libcurl cannot do them
    ~CurlCall();
    CurlCall(const CurlCall &) = delete;
    CurlCall &operator=(const CurlCall &) = delete;

    void begin(); // forgets what the call before was told
    void set(CURLoption option, const std::string &text);
    void set(CURLoption option, long number);
    void set(CURLoption option, curl_slist *list);
    void setUpload(std::string text); // what the server is to read
    void keepAnswer(std::size_t most) { m_mostKept = most; } // bytes of it, of this call
    void setHearer(std::function<void(bool isOurs, std::string_view line)> hearer); // of the commands of a mail and their answers
    CURLcode run(Millis limit, const std::stop_token &stop);

    [[nodiscard]] long code() const; // of the server's newest answer
    [[nodiscard]] const std::string &answer() const { return m_answer; } // its beginning
    [[nodiscard]] std::string whyFailed(CURLcode code) const; // libcurl's own words

private:
    static std::size_t onAnswer(char *bytes, std::size_t one, std::size_t count, void *self);
    static std::size_t onUpload(char *bytes, std::size_t one, std::size_t count, void *self);
    static int onTrace(CURL *, curl_infotype type, char *bytes, std::size_t size, void *self);
    static int onProgress(void *self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    CURL *m_handle = nullptr;
    const char *const m_protocols;
    std::string m_answer, m_upload;
    std::size_t m_mostKept = 0;
    std::size_t m_uploaded = 0;
    std::stop_token m_stop;
    std::function<void(bool, std::string_view)> m_hearer;
    char m_words[CURL_ERROR_SIZE] = {};
};

// A list of texts for libcurl.
class CurlList
{
public:
    CurlList() = default;
    ~CurlList() { curl_slist_free_all(m_list); }
    CurlList(const CurlList &) = delete;
    CurlList &operator=(const CurlList &) = delete;
    void add(const std::string &text);
    [[nodiscard]] curl_slist *list() const { return m_list; }

private:
    curl_slist *m_list = nullptr;
};

}
