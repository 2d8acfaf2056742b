#include "widgets/messages/messagetext.h"

#include "core/text.h"
#include "items/texts.h"
#include "items/topicmodel.h"

#include <QCoreApplication>

namespace sg {

namespace {

struct Said
{
    Q_DECLARE_TR_FUNCTIONS(MessageText)
};

// Every line of a text for people; other control characters are escaped.
QString linesOf(std::string_view bytes)
{
    QStringList out;
    for (std::size_t begin = 0; begin <= bytes.size();) {
        const auto end = std::min(bytes.find('\n', begin), bytes.size());
        const auto line = bytes.substr(begin, end - begin);
        out << textOf(shown(line, line.size() + 1));
        begin = end + 1;
    }
    return out.join(u'\n');
}

}

QByteArray payloadBytes(const BrowsedMessage &message)
{
    if (message.cells.empty())
        return QByteArray::fromStdString(message.payload);
    QByteArray out;
    for (const auto &cell : message.cells)
        out += QByteArray::fromStdString(cell.column + "=" + cell.text.value_or("NULL") + "\n");
    return out;
}

QString messageText(const BrowsedMessage &message)
{
    QStringList lines{textOf(shown(message.topic, 300))};
    if (message.offset >= 0)
        lines.last() += QStringLiteral("   ") + Said::tr("partition %1, offset %2").arg(message.partition).arg(message.offset);
    lines << Said::tr("Time: %1").arg(clockText(message.brokerTime.value_or(message.arrival), Micros(1)));
    if (message.isRetained)
        lines << Said::tr("Retained: kept by the broker, no sign of life.");
    if (message.hasKey)
        lines << Said::tr("Key: %1").arg(textOf(shown(message.key, 2000)));
    for (const auto &[name, value] : message.headers)
        lines << Said::tr("Header %1: %2").arg(textOf(shown(name, 200)), textOf(shown(value, 2000)));
    if (message.isTombstone)
        return (lines << Said::tr("A tombstone: the key is deleted.")).join(u'\n');
    for (const auto &cell : message.cells)
        lines << textOf(shown(cell.column, 200)) + QStringLiteral(" = ")
                + (cell.text ? textOf(shown(*cell.text, 20'000)) : QStringLiteral("NULL"));
    if (!message.cells.empty())
        return lines.join(u'\n');
    const auto size = sizeText(static_cast<std::int64_t>(message.size));
    lines << (message.isCut()
                  ? Said::tr("%1, of which the first %2 were read:").arg(size, sizeText(static_cast<std::int64_t>(message.payload.size())))
                  : Said::tr("%1:").arg(size));
    return lines.join(u'\n') + QStringLiteral("\n\n") + linesOf(message.payload)
        + (message.isCut() ? QStringLiteral("\n… ") + Said::tr("(cut)") : QString());
}

}
