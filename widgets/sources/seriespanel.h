#pragma once

#include "items/seriesfilter.h"

#include <QSet>
#include <QWidget>

class QLabel;
class QLineEdit;
class QTreeView;

namespace sg {

class Desk;

// The source tree with its filter. Drag, Enter or double click puts series on a chart. UI thread.
class SeriesPanel : public QWidget
{
    Q_OBJECT

public:
    explicit SeriesPanel(Desk &desk, QWidget *parent = nullptr);
    void focusFilter();
    [[nodiscard]] QStringList selectedPaths() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void putOnChart();
    void updateEmptyState();
    void expandWhatFits();
    void expandSources();

    Desk &m_desk;
    SeriesFilter m_filter;
    QLineEdit *m_text;
    QTreeView *m_tree;
    QLabel *m_empty;
    QSet<QString> m_opened;
};

}
