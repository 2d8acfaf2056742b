#pragma once

#include "core/browse.h"

#include <QByteArray>
#include <QString>

namespace sg {

// A message as text for people: where it is, key, headers, and the payload, with every byte that is no text escaped.
QString messageText(const BrowsedMessage &message);
// As saved: the payload itself; of a row its columns.
QByteArray payloadBytes(const BrowsedMessage &message);

}
