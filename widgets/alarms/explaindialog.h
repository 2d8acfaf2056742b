#pragma once

#include "engine/explain.h"

#include <QDialog>

class QLabel;
class QTableWidget;

namespace sg {

class Desk;

// Why an alarm is as it is, as of the moment it was asked: condition, limit, timer, quality and rule version, the samples around the
// raise, and the chain of its transitions. UI thread; samples and journal are read on the pool.
class ExplainDialog : public QDialog
{
    Q_OBJECT

public:
    ExplainDialog(Desk &desk, const AlarmView &alarm, QWidget *parent);

private:
    void addFacts(class QFormLayout &layout);
    void readSamples();
    void readChain();
    void showSamples(const std::vector<ExplainedSample> &samples);
    void showChain(const std::vector<JournalRow> &rows);

    Desk &m_desk;
    const AlarmView m_alarm;
    QLabel *m_samplesTitle;
    QTableWidget *m_samples;
    QLabel *m_chainTitle;
    QTableWidget *m_chain;
};

}
