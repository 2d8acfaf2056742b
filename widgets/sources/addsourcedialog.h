#pragma once

#include "core/source.h"
#include "widgets/forms/fieldsform.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace sg {

class Desk;

// A form for one more source, generated from its kind's Fields, with a test that connects and tells each step. UI thread; the test
// runs on the pool and stops with the dialog.
class AddSourceDialog : public QDialog
{
    Q_OBJECT

public:
    AddSourceDialog(Desk &desk, QWidget *parent);
    ~AddSourceDialog() override;

private:
    void buildForms();
    void refresh();
    void test();
    void finishTest(const Result<Done> &result);
    void save();
    [[nodiscard]] std::string item() const; // as YAML
    [[nodiscard]] Result<SourceSpec> spec() const;
    [[nodiscard]] const SourceKind *kind() const;

    Desk &m_desk;
    QComboBox *m_kind;
    QLineEdit *m_id;
    QVBoxLayout *m_forms;
    FieldsForm *m_kindForm = nullptr, *m_intakeForm = nullptr;
    QLabel *m_faults;
    QPlainTextEdit *m_steps;
    QPushButton *m_test, *m_ok;
    std::stop_source m_stop;
};

}
