#include "widgets/main/overlay.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/heartbeat.h"
#include "widgets/main/posting.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QFontDatabase>

#include <fstream>

namespace sg {

namespace {

// Of this process, as the kernel counts it; 0 where it does not say.
std::uint64_t residentKb()
{
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (std::uint64_t kb = 0; word == "VmRSS:" && status >> kb)
            return kb;
    return 0;
}

QString millisText(Micros time)
{
    return QLocale().toString(static_cast<double>(time.count()) / 1000.0, 'f', 1);
}

}

Overlay::Overlay(Desk &desk, QWidget *window)
    : QLabel(window)
    , m_desk(desk)
    , m_window(window)
    , m_heartbeat(std::make_unique<Heartbeat>())
    , m_since(Mono::clock::now())
{
    setObjectName(QStringLiteral("overlay"));
    setTextFormat(Qt::PlainText);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_DeleteOnClose);
    window->installEventFilter(this);
    connect(&desk.feed(), &SnapshotFeed::second, this, &Overlay::refresh);
    refresh();
    show();
    raise();
}

Overlay::~Overlay() = default;

void Overlay::drew(Micros took)
{
    ++m_frames;
    m_frameSum += took;
    m_frameMost = std::max(m_frameMost, took);
}

void Overlay::refresh()
{
    count();
    const auto shownFor = std::chrono::duration_cast<std::chrono::seconds>(Mono::clock::now() - m_since).count();
    const auto &snapshot = *m_desk.feed().current();
    const auto age = snapshot.reference == NoTime ? Micros(0) : m_desk.feed().now() - snapshot.reference;
    const auto mean = m_frames > 0 ? m_frameSum / static_cast<std::int64_t>(m_frames) : Micros(0);
    const QLocale locale;
    setText(tr("UI stall, longest   %1 ms of %2 s\n"
               "charts drawn        %3/s, mean %4 ms, longest %5 ms\n"
               "samples             %6/s\n"
               "ingest lag          %7 ms\n"
               "memory              %8 MB")
                .arg(millisText(m_heartbeat->longest()))
                .arg(std::min<std::int64_t>(shownFor, Heartbeat::Seconds))
                .arg(m_frames)
                .arg(millisText(mean), millisText(m_frameMost), locale.toString(static_cast<qulonglong>(m_samples)), millisText(age),
                     locale.toString(static_cast<qulonglong>(m_memoryKb / 1024))));
    m_frames = 0;
    m_frameSum = m_frameMost = Micros(0);
    setStyleSheet(QStringLiteral("background: %1; color: %2; border: 1px solid %3; padding: 6px;")
                      .arg(theme().raised.name(), theme().text.name(), theme().line.name()));
    place();
}

// The samples of the second before the last one: by then its late ones have come.
void Overlay::count()
{
    if (std::exchange(m_isCounting, true))
        return;
    const auto to = m_desk.feed().now() - std::chrono::seconds(1);
    m_desk.session().run([this, self = QPointer<QObject>(this), snapshot = m_desk.feed().current(), to] {
        const auto from = to - std::chrono::seconds(1);
        std::uint64_t samples = 0;
        for (std::size_t i = 0; i < snapshot->series.size(); ++i)
            if (const auto &row = snapshot->series.at(i); row.path && row.t >= from)
                samples += queryColumns(row.view, from, to, 1).samples;
        postTo(self, [this, samples, memory = residentKb()] {
            m_isCounting = false;
            m_samples = samples;
            m_memoryKb = memory;
        });
    });
}

void Overlay::place()
{
    constexpr int Margin = 12;
    adjustSize();
    move(m_window->width() - width() - Margin, Margin + 24);
}

bool Overlay::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_window && event->type() == QEvent::Resize)
        place();
    return QLabel::eventFilter(watched, event);
}

}
