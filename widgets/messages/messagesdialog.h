#pragma once

#include "items/messagemodel.h"
#include "widgets/connect/livefeed.h"

#include <QDialog>
#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QTableView;

namespace sg {

class DecodedView;
class Desk;

// The messages of one source as its server has them, and as they come: read by a connection of its own, which takes nothing away from the
// source and ends by itself. UI thread.
class MessagesDialog : public QDialog
{
    Q_OBJECT

public:
    static constexpr auto Patience = std::chrono::minutes(10); // then it pauses
    static constexpr double MostPerSecond = 200;
    static constexpr std::size_t MostBytes = std::size_t(256) << 10U; // of one payload

    MessagesDialog(Desk &desk, const SourceSpec &spec, QWidget *parent);
    ~MessagesDialog() override;

    // The page of a source; one that is open already comes to the front.
    static void open(Desk &desk, const std::string &source, QWidget *parent);

private:
    void buildTop(class QVBoxLayout &layout);
    void begin(); // where the choice says
    void pauseOrGoOn();
    void start(const BrowseRequest &request); // unless nobody agreed to this server yet
    void take(const std::vector<BrowsedMessage> &messages);
    void end(const Result<Browser::Read> &result);
    void showMessage();
    void decode(const BrowsedMessage &message, const QString &text); // text: of it, as shown
    void refresh();
    void copy() const;
    void saveAs();
    [[nodiscard]] const BrowsedMessage *current() const;
    [[nodiscard]] std::optional<BrowseRequest> request();

    Desk &m_desk;
    const SourceSpec m_spec;
    const SourceKind *m_kind;
    MessageModel m_model;
    MessageFilter m_filter;
    LiveFeed m_feed;
    LongWork m_decoding; // of the chosen message: its schema may have to come from a registry first
    QTimer m_fetching;
    QComboBox *m_from, *m_where;
    QLineEdit *m_time, *m_offset, *m_partition, *m_text;
    QPushButton *m_go, *m_pause, *m_copy, *m_save;
    QLabel *m_said, *m_state;
    QTableView *m_table;
    QPlainTextEdit *m_raw;
    DecodedView *m_decoded;
    std::uint64_t m_passedOver = 0, m_starts = 0;
    QString m_ended; // why nothing comes any more
    bool m_isAtEnd = true; // the table shows the newest
};

}
