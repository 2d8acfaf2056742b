#pragma once

#include "items/topicmodel.h"
#include "widgets/connect/browserun.h"
#include "widgets/connect/connectpage.h"

#include <QSortFilterProxyModel>
#include <QTimer>

class QComboBox;
class QGroupBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QTableView;

namespace sg {

class PatternEditor;

// Step 2: which topics or which view, and what of a topic's name are labels.
class TopicsPage : public ConnectPage
{
    Q_OBJECT

public:
    TopicsPage(ConnectState &state, QWidget *parent);
    void enter() override;
    void leave() override;
    [[nodiscard]] QString missing() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Listing
    {
        std::vector<BrowsedTopic> topics;
        std::vector<Error> remarks; // what the server's list lacks, and why
    };
    void listen();
    void show(const Result<Listing> &listed);
    void tick();
    void toggle(const std::string &name, bool isChosen);
    [[nodiscard]] bool isChosen(const std::string &name) const;
    void chooseView(const BrowsedTopic &view);
    void apply(const BrowsedTopic::Proposal &proposal, bool isTaken);
    void showProposals();
    void takePatterns();
    void takeTopics(const std::vector<std::string> &patterns, std::vector<std::string> except);
    void refresh();
    [[nodiscard]] QString viewName() const; // as the server lists it

    TopicModel m_model;
    QSortFilterProxyModel m_filter;
    BrowseRun m_run;
    QTimer m_tick;
    Mono m_began{};
    Micros m_patience{};
    QLineEdit *m_search;
    QComboBox *m_seconds, *m_start;
    QPushButton *m_listen;
    QProgressBar *m_progress;
    QLabel *m_said, *m_remarks;
    QTableView *m_table;
    PatternEditor *m_patterns;
    QWidget *m_proposals;
};

}
