#include "widgets/forms/secretedit.h"

#include "items/texts.h"
#include "widgets/theme/icons.h"
#include "workspace/textedit.h"
#include "workspace/workspace.h"

#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>

namespace sg {

namespace {

enum Kind { None, Environment, File };

}

QAction *addFilePicker(QLineEdit &line, const QString &folder, bool isRelative)
{
    auto *pick = line.addAction(symbolIcon(Symbol::Open), QLineEdit::TrailingPosition);
    pick->setText(SecretEdit::tr("Choose a file …"));
    pick->setToolTip(SecretEdit::tr("Choose a file (Ctrl+O)"));
    pick->setShortcut(QKeySequence::Open);
    pick->setShortcutContext(Qt::WidgetShortcut);
    QObject::connect(pick, &QAction::triggered, &line, [&line, folder, isRelative] {
        auto *dialog = new QFileDialog(&line, SecretEdit::tr("Choose a file"), folder);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::ExistingFile);
        QObject::connect(dialog, &QFileDialog::fileSelected, &line, [&line, folder, isRelative](const QString &path) {
            const auto relative = QDir(folder).relativeFilePath(path);
            line.setText(!isRelative || folder.isEmpty() || relative.startsWith(QStringLiteral("..")) ? path : relative);
        });
        dialog->open();
    });
    return pick;
}

SecretEdit::SecretEdit(QWidget *parent)
    : QWidget(parent)
    , m_kind(new QComboBox(this))
    , m_line(new QLineEdit(this))
{
    m_kind->addItem(tr("none"));
    m_kind->addItem(tr("in the variable"));
    m_kind->addItem(tr("in the file"));
    m_kind->setToolTip(tr("A secret stands in no file of the workspace: name the environment variable or the file that holds it."));
    m_pick = addFilePicker(*m_line, {}, false);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_kind);
    layout->addWidget(m_line, 1);
    setFocusProxy(m_kind);
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        refresh();
        Q_EMIT changed();
    });
    connect(m_line, &QLineEdit::textChanged, this, &SecretEdit::changed);
    refresh();
}

void SecretEdit::refresh()
{
    const auto kind = m_kind->currentIndex();
    m_line->setEnabled(kind != None);
    m_line->setPlaceholderText(kind == Environment ? QStringLiteral("SG_NAME") : QString());
    m_pick->setVisible(kind == File);
}

QString SecretEdit::text() const
{
    const auto line = m_line->text().trimmed();
    if (m_kind->currentIndex() == None)
        return {};
    const auto key = m_kind->currentIndex() == Environment ? QStringLiteral("env") : QStringLiteral("file");
    return QStringLiteral("{ %1: %2 }").arg(key, textOf(sg::quoted(utf8Of(line))));
}

void SecretEdit::setText(const QString &text)
{
    const auto node = parseYaml(utf8Of(text) + "\n", "");
    const auto isFile = node && node->has("file");
    m_kind->setCurrentIndex(isFile ? File : node && node->has("env") ? Environment : None);
    m_line->setText(node ? textOf(node->text(isFile ? "file" : "env")) : QString());
}

void SecretEdit::setFolder(const QString &folder)
{
    m_line->removeAction(m_pick);
    delete m_pick;
    m_pick = addFilePicker(*m_line, folder, false); // a secret lies elsewhere
    refresh();
}

void SecretEdit::setName(const QString &objectName, const QString &accessibleName)
{
    setObjectName(objectName);
    m_kind->setObjectName(objectName + QStringLiteral("-kind"));
    m_line->setObjectName(objectName + QStringLiteral("-line"));
    m_kind->setAccessibleName(tr("%1: where it is").arg(accessibleName));
    m_line->setAccessibleName(accessibleName);
}

}
