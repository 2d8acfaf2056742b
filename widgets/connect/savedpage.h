#pragma once

#include "widgets/connect/connectpage.h"

class QComboBox;
class QPushButton;

namespace sg {

// After Save: whether the file took it, whether values come, and what to do with them.
class SavedPage : public ConnectPage
{
    Q_OBJECT

public:
    SavedPage(ConnectState &state, QWidget *parent);
    void enter() override;
    [[nodiscard]] QString missing() const override { return {}; }
    void refuse(const Error &why); // nothing was written
    [[nodiscard]] bool isSaved() const { return m_isSaved; }

Q_SIGNALS:
    void settled(); // saved, or refused
    void finished();

private:
    void look();
    void makeRule();

    QLabel *m_said;
    QComboBox *m_series;
    QPushButton *m_rule, *m_chart;
    QString m_refused;
    bool m_isRead = false; // the workspace was read again
    bool m_isSaved = false;
};

}
