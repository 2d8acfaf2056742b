#pragma once

#include "workspace/consent.h"

#include <QDialog>

namespace sg {

class Desk;

// Which servers a workspace would reach and with which secrets, before it does: somebody looks and agrees, or it waits. UI thread.
class ConsentDialog : public QDialog
{
    Q_OBJECT

public:
    ConsentDialog(Desk &desk, const std::vector<Demand> &missing, QWidget *parent);

private:
    void agree();

    Desk &m_desk;
    std::vector<Access> m_accesses;
};

}
