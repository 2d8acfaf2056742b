#pragma once

#include "decode/preview.h"
#include "widgets/connect/connectpage.h"
#include "widgets/connect/livefeed.h"
#include "widgets/connect/previewplot.h"

#include <QTimer>

class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace sg {

// Step 4: the series as they come alive, what they are called, and the id of the source.
class SeriesPage : public ConnectPage
{
    Q_OBJECT

public:
    SeriesPage(ConnectState &state, QWidget *parent);
    void enter() override;
    void leave() override;
    [[nodiscard]] QString missing() const override { return {}; } // what is wrong with the item is said beside Save

private:
    struct Said // of a field, whatever its key
    {
        std::size_t labels = 0;
        TagDraft tag;
    };
    void take(const std::vector<BrowsedMessage> &messages);
    void showSeries();
    void showChart();
    void showTag(); // of the chosen series into the lines
    void takeTag();
    void writeTags();
    [[nodiscard]] std::vector<std::string> chosenPaths() const; // at least one where there are any
    [[nodiscard]] std::set<std::string> chosenFields() const;

    LiveFeed m_feed;
    QTimer m_frame; // shows what came
    std::unique_ptr<Preview> m_preview;
    std::map<std::string, std::vector<std::pair<Time, double>>> m_points; // by path
    std::map<std::string, QTreeWidgetItem *> m_rows; // by path
    std::map<std::string, Said> m_tags; // by field
    QLineEdit *m_id, *m_name, *m_unit, *m_area;
    QLabel *m_said, *m_whose;
    QTreeWidget *m_list;
    PreviewPlot *m_plot;
    QString m_step; // of the connection, or why nothing comes
    std::uint64_t m_messages = 0, m_refused = 0;
    bool m_isChanged = false;
};

}
