#pragma once

#include "decode/recognise.h"
#include "items/messagemodel.h"
#include "widgets/connect/browserun.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/itemroles.h"

#include <QTimer>

class QCheckBox;
class QLineEdit;
class QPushButton;
class QTableView;
class QTreeWidget;
class QTreeWidgetItem;
class QVBoxLayout;

namespace sg {

class DecodedView;

// Step 3: newest messages, raw beside decoded; a place in them becomes a field, a label of the path, a note or the time.
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
    void showFindings();
    void showMessage();
    void showUses(); // of the places in the tree
    void showPlace(); // what can be done with the current one
    void use(PlaceRole role);
    void refresh();
    [[nodiscard]] const PlaceGuess *guessOf(const std::string &where) const;
    [[nodiscard]] std::string currentPlace() const;

    MessageModel m_model;
    Recognition m_recognition;
    BrowseRun m_run;
    QTimer m_again; // decodes what changed
    QPushButton *m_read;
    QLabel *m_said, *m_place;
    QTableView *m_table;
    QTreeWidget *m_tree;
    DecodedView *m_decoded;
    QVBoxLayout *m_findings;
    QWidget *m_findingList = nullptr;
    QLineEdit *m_name;
    QCheckBox *m_learn;
    std::vector<std::pair<PlaceRole, QPushButton *>> m_uses;
    std::string m_readFor; // the settings that the messages are of
};

}
