#pragma once

#include <QString>

class QMenu;
class QWidget;

namespace sg {

class Desk;

// What can be done with a source, for the list of sources, the status cells and the series tree. Each is an edit of workspace.yaml, one
// step of the undo stack, and in effect without a restart. UI thread.
namespace deeds {

void addSource(Desk &desk, QWidget *parent);
void changeSource(Desk &desk, const std::string &id, QWidget *parent);
void copySource(Desk &desk, const std::string &id, QWidget *parent); // a new one that begins as this
void setEnabled(Desk &desk, const std::string &id, bool isEnabled); // `enabled: false`, or nothing
void removeSource(Desk &desk, const std::string &id); // and says what depended on it
void showMessages(Desk &desk, const std::string &id, QWidget *parent);

[[nodiscard]] bool isDeclared(const Desk &desk, const std::string &id);
[[nodiscard]] bool isEnabled(const Desk &desk, const std::string &id);
[[nodiscard]] bool hasSteps(const Desk &desk, const std::string &id); // its kind can be looked into

}

// Adds them to a menu.
void fillSourceMenu(QMenu &menu, Desk &desk, const std::string &id, QWidget *parent);

}
