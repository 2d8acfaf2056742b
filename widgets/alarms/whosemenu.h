#pragma once

#include "items/alarmlists.h"

#include <QMenu>

namespace sg {

class Attention;
struct Workspace;

// Chooses whose alarms this desk lists and sounds. UI thread.
class WhoseMenu : public QMenu
{
    Q_OBJECT

public:
    WhoseMenu(Attention &attention, QWidget *parent);
    static QString name(Whose whose); // "Operators"
    static bool isNeeded(const Workspace &workspace); // it has a rule that is not the operators'
};

}
