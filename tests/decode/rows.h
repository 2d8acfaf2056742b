#pragma once

#include "decode/intake.h"

#include <QtTest>

#include <cmath>

// What an Intake made of messages, as short texts.
namespace rows {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

// What a batch says, one row a word: "press/L1/P-07/temp=71.2"; states as their text, bad values as "bad".
struct Reader
{
    std::map<std::uint32_t, std::string> paths;
    std::map<std::uint32_t, sg::ValueKind> kinds;
    std::map<std::uint32_t, std::string> texts;

    QStringList rows(const sg::Batch &batch)
    {
        for (const sg::NewSeries &series : batch.newSeries) {
            paths[sg::number(series.id)] = series.path;
            kinds[sg::number(series.id)] = series.kind;
        }
        for (const sg::NewText &text : batch.newTexts)
            texts[text.code] = text.text;
        QStringList out;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            const std::uint32_t id = sg::number(batch.series[i]);
            QString value = QString::number(batch.value[i], 'g', 17);
            if (batch.quality[i] == sg::Quality::Bad)
                value = std::isnan(batch.value[i]) ? QStringLiteral("bad") : QStringLiteral("bad but not NaN");
            else if (kinds[id] == sg::ValueKind::State)
                value = QString::fromStdString(texts[static_cast<std::uint32_t>(batch.value[i])]);
            out << QString::fromStdString(paths[id]) + QLatin1Char('=') + value;
        }
        return out;
    }
};

inline sg::Message json(std::string_view payload, const Pairs &captures)
{
    sg::Message message;
    message.topic = "plant.L1.processed";
    message.stream = "plant.L1.processed/0";
    message.payload = payload;
    message.captures = captures;
    return message;
}

inline const Pairs line1{{"line", "L1"}};

}
