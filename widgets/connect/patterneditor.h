#pragma once

#include "widgets/connect/patternparts.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace sg {

// The topics that were chosen, each as a row of parts: a click makes a part a {label} whose name can be typed, and rows that then say the
// same become one. A topic or pattern can also be typed. UI thread.
class PatternEditor : public QWidget
{
    Q_OBJECT

public:
    explicit PatternEditor(QWidget *parent);

    void setSeparator(char separator);
    void setPatterns(const std::vector<std::string> &patterns);
    [[nodiscard]] const std::vector<std::string> &patterns() const { return m_patterns; }
    void setKnown(std::vector<std::string> topics); // that the server lists: rows say how many they meet

Q_SIGNALS:
    void changed(); // by a person

private:
    void rebuild();
    void addRow(std::size_t row);
    void setPart(std::size_t row, std::size_t part, bool isLabel, const std::string &text);
    void addTyped();
    void take(std::vector<std::string> patterns);
    [[nodiscard]] QString metBy(const std::string &pattern) const;

    char m_separator = '.';
    std::vector<std::string> m_patterns;
    std::vector<std::string> m_known;
    QWidget *m_inner = nullptr;
    QScrollArea *m_scroll;
    QVBoxLayout *m_rows;
    QLabel *m_hint;
    QPushButton *m_common;
    QLineEdit *m_typed;
    QString m_focus; // object name of the part that has the focus again after a rebuild
};

}
