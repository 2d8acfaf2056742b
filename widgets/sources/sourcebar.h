#pragma once

#include <QWidget>

class QHBoxLayout;

namespace sg {

class Desk;
class SourceCell;

// The status bar's part: a cell a source, and what the rules watch. UI thread.
class SourceBar : public QWidget
{
    Q_OBJECT

public:
    explicit SourceBar(Desk &desk, QWidget *parent = nullptr);

private:
    void rebuild();

    Desk &m_desk;
    QHBoxLayout *m_layout;
    std::vector<SourceCell *> m_cells;
};

}
