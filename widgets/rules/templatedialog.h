#pragma once

#include "widgets/rules/ruletemplates.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace sg {

class Desk;

// Chooses a template and the series that it is for; the rule then opens in the editor, where nothing is saved yet. UI thread.
class TemplateDialog : public QDialog
{
    Q_OBJECT

public:
    TemplateDialog(Desk &desk, QWidget *parent);

private:
    void chooseTemplate();
    void refresh();
    void take();
    [[nodiscard]] const RuleTemplate *chosen() const;
    [[nodiscard]] Node item() const;

    Desk &m_desk;
    std::vector<std::string> m_selectors;
    QListWidget *m_list;
    QComboBox *m_series, *m_other;
    QLabel *m_otherLabel, *m_sentence;
    QPushButton *m_ok;
};

}
