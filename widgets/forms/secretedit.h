#pragma once

#include <QWidget>

class QComboBox;
class QLineEdit;

namespace sg {

// A secret by reference: the name of an environment variable, or a file. The secret itself has no place here. UI thread.
class SecretEdit : public QWidget
{
    Q_OBJECT

public:
    explicit SecretEdit(QWidget *parent);

    [[nodiscard]] QString text() const; // as the file has it: { env: SG_NAME } or { file: PATH }; empty: none
    void setText(const QString &text);
    void setFolder(const QString &folder); // of the workspace: where choosing a file begins
    void setName(const QString &objectName, const QString &accessibleName);

Q_SIGNALS:
    void changed();

private:
    void refresh();

    QComboBox *m_kind;
    QLineEdit *m_line;
    QAction *m_pick;
};

// Puts a button into the line that chooses a file, beginning at `folder`. `isRelative`: one inside it is written relative to it.
QAction *addFilePicker(QLineEdit &line, const QString &folder, bool isRelative = true);

}
