#pragma once

#include "core/node.h"
#include "decode/recognise.h"

#include <QWidget>

#include <functional>

namespace sg {

// What was recognised in messages, each with a button that takes what it proposes into the item. UI thread.
class FindingList : public QWidget
{
    Q_OBJECT

public:
    explicit FindingList(QWidget *parent);
    // `at` gives what the item says for a key of its settings; `before`: the widget that Tab comes from.
    void show(const std::vector<PayloadFinding> &findings, const std::function<const Node &(const std::string &key)> &at, QWidget *before);

Q_SIGNALS:
    void taken(const sg::ItemSettings &settings);

private:
    QWidget *m_rows = nullptr;
};

}
