#pragma once

#include "widgets/connect/browserun.h"
#include "widgets/connect/connectpage.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace sg {

class FieldsForm;

// Step 1: which server, how to log in, and a test that names the step that fails.
class AddressPage : public ConnectPage
{
    Q_OBJECT

public:
    AddressPage(ConnectState &state, QWidget *parent);
    void enter() override;
    void leave() override;
    [[nodiscard]] QString missing() const override;

private:
    void buildForms();
    void fillConnections();
    void take(); // what the forms say into the item
    void refresh();
    void test();

    QComboBox *m_kind, *m_use;
    QWidget *m_consent; // the question whether to connect to what the workspace names
    QVBoxLayout *m_forms;
    FieldsForm *m_address = nullptr, *m_security = nullptr; // security: Kafka's properties
    QLabel *m_note, *m_question;
    QPlainTextEdit *m_steps;
    QPushButton *m_test;
    BrowseRun m_run;
    bool m_isFilling = false;
};

}
