#pragma once

#include "core/types.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace sg {

// The cursor that the charts of a page have in common: where the pointer is in time, and the reference that differences are taken
// from. Charts follow at most once a frame; the one under the pointer draws its own at once. UI thread.
class CursorLink : public QObject
{
    Q_OBJECT

public:
    explicit CursorLink(QObject *parent = nullptr);

    void moveTo(Time t, const QObject *by);
    void leave(const QObject *by); // nothing when another chart has it by now
    void setReference(std::optional<Time> reference);
    [[nodiscard]] std::optional<Time> at() const { return m_at; }
    [[nodiscard]] std::optional<Time> reference() const { return m_reference; }
    [[nodiscard]] bool isOf(const QObject *chart) const { return m_by == chart; }

Q_SIGNALS:
    void moved();

private:
    std::optional<Time> m_at, m_reference;
    const QObject *m_by = nullptr; // only compared
    QTimer m_later;
};

}
