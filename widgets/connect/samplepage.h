#pragma once

#include "items/messagemodel.h"
#include "widgets/connect/browserun.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/itemroles.h"
#include "widgets/connect/samplereader.h"

#include <QTimer>

class QCheckBox;
class QPushButton;
class QTableView;

namespace sg {

class DecodedView;
class FindingList;
class PlaceBar;
class RawTree;

// Step 3: newest messages, raw beside decoded; a place in them becomes a field, a label of the path, a note or
// the time, tells kinds of messages apart, or is a list or a text with several values.
class SamplePage : public ConnectPage
{
    Q_OBJECT

public:
    SamplePage(ConnectState &state, QWidget *parent);
    void enter() override;
    void leave() override;
    [[nodiscard]] QString missing() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Sample
    {
        std::vector<BrowsedMessage> messages;
        Recognition recognition;
    };
    void read();
    void show(Result<Sample> sample);
    void begin(); // what was recognised into the item, where that says nothing yet
    void showMessage();
    void showUses(); // of the places in the tree
    void showPlace(); // what can be done with the current one
    void use(PlaceRole role, const QString &name);
    void changeKinds();
    void changeEach();
    void changeSplit(const QString &pattern);
    void refresh();
    [[nodiscard]] const PlaceGuess *guessOf(const std::string &where) const;
    [[nodiscard]] SampleReader reader() const;

    MessageModel m_model;
    Recognition m_recognition;
    BrowseRun m_run;
    QTimer m_again; // decodes what changed
    QPushButton *m_read;
    QLabel *m_said;
    QTableView *m_table;
    RawTree *m_tree;
    PlaceBar *m_bar;
    DecodedView *m_decoded;
    FindingList *m_findings;
    QCheckBox *m_learn;
    int m_kind = NoKinds; // of the message that is shown
    std::string m_readFor; // the settings that the messages are of
};

}
