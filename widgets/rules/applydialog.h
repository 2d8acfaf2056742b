#pragma once

#include <QDialog>

namespace sg {

class Desk;

// Lists the alarms that a waiting edit would close, and applies it with a name and a reason. UI thread.
class ApplyDialog : public QDialog
{
    Q_OBJECT

public:
    ApplyDialog(Desk &desk, QWidget *parent);
};

}
