#pragma once

#include <QAbstractButton>
#include <QPointer>

class QPlainTextEdit;

namespace sg {

class Desk;

// One source in the status bar: icon, word, rates, lag, age. Click or Space opens its details, which stay up to date; the menu key or the
// other button opens what can be done with it.
class SourceCell : public QAbstractButton
{
    Q_OBJECT

public:
    SourceCell(Desk &desk, int row, QWidget *parent);
    void refresh();
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void showDetails();

    Desk &m_desk;
    const int m_row;
    QString m_name, m_summary;
    QPointer<QWidget> m_details;
    QPointer<QPlainTextEdit> m_detailsText;
};

}
