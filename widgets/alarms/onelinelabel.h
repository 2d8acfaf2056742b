#pragma once

#include <QLabel>

namespace sg {

// Plain text on one line that asks for no room: what does not fit is cut at its end, and stands in the tooltip. UI thread.
class OneLineLabel : public QLabel
{
    Q_OBJECT

public:
    explicit OneLineLabel(QWidget *parent);
    [[nodiscard]] bool isCut() const;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
};

}
