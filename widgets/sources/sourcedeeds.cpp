#include "widgets/sources/sourcedeeds.h"

#include "items/texts.h"
#include "widgets/connect/connectdialog.h"
#include "widgets/main/desk.h"
#include "widgets/messages/messagesdialog.h"

#include <QMenu>

namespace sg {

namespace {

constexpr auto File = "workspace.yaml";

const SourceSpec *specOf(const Desk &desk, const std::string &id)
{
    const auto &sources = desk.workspace()->sources;
    const auto found = std::find_if(sources.begin(), sources.end(), [&](const SourceSpec &one) { return one.id == id; });
    return found == sources.end() ? nullptr : &*found;
}

// Rules that are about this source alone: without it they wait.
QStringList rulesOf(const Desk &desk, const std::string &id)
{
    QStringList out;
    if (desk.workspace()->rules)
        for (const auto &rule : desk.workspace()->rules->rules)
            if (rule->hasSeries && rule->series.source() == id)
                out << textOf(rule->id);
    return out;
}

}

namespace deeds {

void addSource(Desk &desk, QWidget *parent)
{
    (new ConnectDialog(desk, {}, parent))->open();
}

void changeSource(Desk &desk, const std::string &id, QWidget *parent)
{
    (new ConnectDialog(desk, {id, false}, parent))->open();
}

void copySource(Desk &desk, const std::string &id, QWidget *parent)
{
    (new ConnectDialog(desk, {id, true}, parent))->open();
}

void setEnabled(Desk &desk, const std::string &id, bool isEnabled)
{
    desk.edits().edit(
        File,
        [id, isEnabled](const std::string &text) {
            return isEnabled ? removeKey(File, text, "sources", id, "enabled") : setValue(File, text, "sources", id, "enabled", "false");
        },
        (isEnabled ? ConnectDialog::tr("Start source %1") : ConnectDialog::tr("Stop source %1")).arg(textOf(id)));
}

void removeSource(Desk &desk, const std::string &id)
{
    const auto rules = rulesOf(desk, id);
    desk.edits().edit(
        File, [id](const std::string &text) { return removeItem(File, text, "sources", id); },
        ConnectDialog::tr("Remove source %1").arg(textOf(id)), &desk,
        [&desk, id, rules](const std::optional<Error> &refused) {
            if (refused)
                return;
            Q_EMIT desk.said(
                rules.isEmpty()
                    ? ConnectDialog::tr("Source %1 is removed; its history stays. Undo brings it back.").arg(textOf(id))
                    : ConnectDialog::tr("Source %1 is removed; its history stays. What was about it waits and watches nothing: %2. "
                                        "Undo brings it back.")
                          .arg(textOf(id), rules.join(QStringLiteral(", "))),
                false);
        });
}

void showMessages(Desk &desk, const std::string &id, QWidget *parent)
{
    MessagesDialog::open(desk, id, parent->window());
}

bool isDeclared(const Desk &desk, const std::string &id)
{
    return specOf(desk, id) != nullptr;
}

bool isEnabled(const Desk &desk, const std::string &id)
{
    const auto *spec = specOf(desk, id);
    return spec != nullptr && spec->declaration.text("enabled") != "false";
}

bool hasSteps(const Desk &desk, const std::string &id)
{
    const auto *spec = specOf(desk, id);
    const auto kind = spec == nullptr ? desk.catalog().end() : desk.catalog().find(spec->kind);
    return kind != desk.catalog().end() && kind->second.browse != nullptr;
}

}

void fillSourceMenu(QMenu &menu, Desk &desk, const std::string &id, QWidget *parent)
{
    const auto canLook = deeds::hasSteps(desk, id);
    const auto add = [&](const char *name, const QString &text, bool isEnabled, std::function<void()> what) {
        auto *action = menu.addAction(text, parent, std::move(what));
        action->setObjectName(QString::fromLatin1(name));
        action->setEnabled(isEnabled);
    };
    add("menuMessages", ConnectDialog::tr("&Messages …"), canLook, [&desk, id, parent] { deeds::showMessages(desk, id, parent); });
    menu.addSeparator();
    add("menuChange", ConnectDialog::tr("&Change …"), canLook, [&desk, id, parent] { deeds::changeSource(desk, id, parent->window()); });
    add("menuCopy", ConnectDialog::tr("C&opy …"), canLook, [&desk, id, parent] { deeds::copySource(desk, id, parent->window()); });
    const auto isRunning = deeds::isEnabled(desk, id);
    add("menuToggle", isRunning ? ConnectDialog::tr("&Stop") : ConnectDialog::tr("&Start"), deeds::isDeclared(desk, id),
        [&desk, id, isRunning] { deeds::setEnabled(desk, id, !isRunning); });
    add("menuRemove", ConnectDialog::tr("&Remove"), deeds::isDeclared(desk, id), [&desk, id] { deeds::removeSource(desk, id); });
}

}
