#include "widgets/alarms/soundplayer.h"

#include <QApplication>
#include <QAudioDevice>
#include <QFile>
#include <QMediaDevices>
#include <QSoundEffect>
#include <QUrl>
#include <QtEndian>

#include <numbers>

namespace sg {

namespace {

struct Tone
{
    double hertz;
    int pulses;
    int millis; // of a pulse
};

// Urgent: fast and high; low: one soft note. They differ in rhythm as well as in pitch.
Tone toneOf(Priority priority)
{
    switch (priority) {
    case Priority::Low:
        return {440, 1, 220};
    case Priority::Medium:
        return {587, 2, 180};
    case Priority::High:
        return {784, 3, 140};
    case Priority::Urgent:
        return {1047, 6, 90};
    }
    return {440, 1, 220};
}

QByteArray wave(const Tone &tone)
{
    constexpr int Rate = 22050;
    QByteArray samples;
    for (int pulse = 0; pulse < tone.pulses; ++pulse) {
        const auto count = Rate * tone.millis / 1000;
        for (int i = 0; i < count + Rate * 70 / 1000; ++i) {
            const auto edge = std::min({1.0, i / (0.01 * Rate), (count - i) / (0.02 * Rate)}); // no clicks
            const auto value = i < count ? 0.5 * edge * std::sin(2 * std::numbers::pi * tone.hertz * i / Rate) : 0.0;
            const auto sample = qToLittleEndian(static_cast<qint16>(value * 32000));
            samples.append(reinterpret_cast<const char *>(&sample), 2);
        }
    }
    QByteArray out;
    const auto number = [&out](auto value) {
        const auto little = qToLittleEndian(value);
        out.append(reinterpret_cast<const char *>(&little), sizeof little);
    };
    out += "RIFF";
    number(static_cast<quint32>(36 + samples.size()));
    out += "WAVEfmt ";
    number(quint32{16});
    number(quint16{1}); // PCM
    number(quint16{1}); // mono
    number(quint32{Rate});
    number(quint32{Rate * 2});
    number(quint16{2});
    number(quint16{16});
    out += "data";
    number(static_cast<quint32>(samples.size()));
    return out + samples;
}

}

SoundPlayer::SoundPlayer() = default;
SoundPlayer::~SoundPlayer() = default;

void SoundPlayer::stop()
{
    for (auto &effect : m_effects)
        if (effect)
            effect->stop();
}

void SoundPlayer::play(Priority priority)
{
    if (QMediaDevices::defaultAudioOutput().isNull()) {
        QApplication::beep();
        return;
    }
    auto &effect = m_effects[static_cast<std::size_t>(priority)];
    if (!effect) {
        QFile file(m_files.filePath(QStringLiteral("%1.wav").arg(static_cast<int>(priority))));
        if (!file.open(QIODevice::WriteOnly) || file.write(wave(toneOf(priority))) < 0) {
            QApplication::beep();
            return;
        }
        file.close();
        effect = std::make_unique<QSoundEffect>();
        effect->setSource(QUrl::fromLocalFile(file.fileName()));
    }
    effect->play();
}

}
