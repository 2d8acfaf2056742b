#pragma once

#include "widgets/connect/browserun.h"

#include <QTimer>

#include <mutex>

namespace sg {

// Messages of a source as they come, read by a browser of its own, in handfuls for the UI thread. Bounded by the request; what the window
// is too slow for is passed over and counted. UI thread.
class LiveFeed : public QObject
{
    Q_OBJECT

public:
    explicit LiveFeed(QObject *parent = nullptr);

    // The topics of the request are taken from the spec's patterns.
    void start(const SourceKind &kind, const SourceSpec &spec, const BrowseRequest &request);
    void stop();
    [[nodiscard]] bool isRunning() const { return m_run.isRunning(); }

Q_SIGNALS:
    void said(const sg::Error &step); // of the connection that is being made
    void came(const std::vector<sg::BrowsedMessage> &messages);
    void ended(const sg::Result<sg::Browser::Read> &result); // stopped, done, or why it could not be
    void runningChanged(bool isRunning);

private:
    struct Tray; // between the two threads
    void empty();

    BrowseRun m_run;
    QTimer m_timer;
    std::shared_ptr<Tray> m_tray;
};

// What a browser is asked for so that it reads what the source reads: names, MQTT filters, or the view.
Result<std::vector<std::string>> topicsToRead(const SourceSpec &spec, Browser &browser, const std::stop_token &stop);
// Whether the source's patterns mean this message's topic.
bool isMeant(const SourceSpec &spec, const std::string &topic);

}
