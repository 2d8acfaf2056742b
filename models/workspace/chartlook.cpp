#include "workspace/chartlook.h"

#include "core/text.h"
#include "workspace/reading.h"

#include <cmath>

namespace sg {

namespace {

constexpr const char *StyleNames[] = {"line", "step", "points", "area"}; // by SeriesStyle
constexpr const char *AxisNames[] = {"left", "right"};
constexpr const char *PriorityNames[] = {"low", "medium", "high", "urgent"};
constexpr std::size_t Most = 100; // styles, thresholds or bands of one chart
constexpr int Widest = 5;

constexpr Field RightFields[] = {
    {.key = "log", .type = FieldType::Bool, .byDefault = "false", .label = SG_TR("Log scale")},
    {.key = "range", .type = FieldType::Any, .label = SG_TR("Range"), .help = SG_TR("Empty: the axis follows the values.")},
};
constexpr Field Table[] = {
    {.key = "series", .type = FieldType::Texts, .isRequired = true, .label = SG_TR("Series")},
    {.key = "span", .type = FieldType::Duration, .byDefault = "30min", .label = SG_TR("Time span")},
    {.key = "limits",
     .type = FieldType::Bool,
     .byDefault = "true",
     .label = SG_TR("Limits"),
     .help = SG_TR("Draw the limits of the rules.")},
    {.key = "style", .type = FieldType::Choice, .byDefault = "line", .label = SG_TR("Style"), .choices = StyleNames},
    {.key = "log", .type = FieldType::Bool, .byDefault = "false", .label = SG_TR("Log scale")},
    {.key = "range", .type = FieldType::Any, .label = SG_TR("Range"), .help = SG_TR("Empty: the axis follows the values.")},
    {.key = "right",
     .type = FieldType::Map,
     .label = SG_TR("Right axis"),
     .help = SG_TR("Scale of the right axis; styles say which series it is for."),
     .nested = RightFields},
    {.key = "styles", .type = FieldType::Any, .label = SG_TR("Styles"), .help = SG_TR("How single series are drawn.")},
    {.key = "thresholds", .type = FieldType::Any, .label = SG_TR("Thresholds"), .help = SG_TR("Lines at a value.")},
    {.key = "bands", .type = FieldType::Any, .label = SG_TR("Bands"), .help = SG_TR("Ranges of values with a ground of their own.")},
};
constexpr Field StyleFields[] = {
    {.key = "series", .type = FieldType::Text, .isRequired = true},
    {.key = "style", .type = FieldType::Choice, .choices = StyleNames},
    {.key = "axis", .type = FieldType::Choice, .choices = AxisNames},
    {.key = "color", .type = FieldType::Text},
    {.key = "width", .type = FieldType::Integer},
};
constexpr Field ThresholdFields[] = {
    {.key = "value", .type = FieldType::Number, .isRequired = true},
    {.key = "label", .type = FieldType::Text},
    {.key = "priority", .type = FieldType::Choice, .choices = PriorityNames},
};
constexpr Field BandFields[] = {
    {.key = "from", .type = FieldType::Number, .isRequired = true},
    {.key = "to", .type = FieldType::Number, .isRequired = true},
    {.key = "label", .type = FieldType::Text},
};

class LookReader
{
public:
    explicit LookReader(std::vector<Error> *faults)
        : m_faults(faults)
    {
    }

    void scale(const Node &map, ChartScale &out)
    {
        out.isLog = map.text("log", "false") == "true";
        const auto &range = map["range"];
        if (range.isMissing())
            return;
        if (range.kind != Node::Kind::List || range.list.size() != 2) {
            add(range.error(SG_TR("range takes the lowest and the highest value, e.g. [0, 120]")));
            return;
        }
        const auto low = number(range.list[0], "range"), high = number(range.list[1], "range");
        if (!low || !high)
            return;
        if (!(*low < *high))
            add(range.error(SG_TR("range: %1 is not below %2"), {shown(range.list[0].scalar), shown(range.list[1].scalar)}));
        else if (out.isLog && *low <= 0)
            add(range.error(SG_TR("range: a log scale begins above 0, not at %1"), {shown(range.list[0].scalar)}));
        else
            out.range = std::pair(*low, *high);
    }
    void style(const Node &item, ChartLook &look)
    {
        const auto selector = Selector::parse(item.text("series"));
        if (!selector) {
            add({selector.error().text, selector.error().args, item["series"].place()});
            return;
        }
        SeriesLook entry{*selector, {}, {}, {}, {}};
        if (item.has("style"))
            entry.style = styleNamed(item.text("style"));
        if (item.has("axis"))
            entry.isRight = item.text("axis") == "right";
        if (item.has("color"))
            entry.colour = colour(item["color"]);
        if (item.has("width")) {
            const auto width = number(item["width"], "width");
            if (width && (*width < 1 || *width > Widest))
                add(item["width"].error(SG_TR("width: '%1' is not from 1 to %2"), {shown(item["width"].scalar), std::to_string(Widest)}));
            else if (width)
                entry.width = static_cast<int>(*width);
        }
        look.styles.push_back(std::move(entry));
    }
    void threshold(const Node &item, ChartLook &look)
    {
        const auto value = number(item["value"], "value");
        if (!value)
            return;
        ChartThreshold line{*value, item.text("label"), {}};
        for (const auto priority : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
            if (item.text("priority") == nameOf(priority))
                line.priority = priority;
        look.thresholds.push_back(std::move(line));
    }
    void band(const Node &item, ChartLook &look)
    {
        const auto from = number(item["from"], "from"), to = number(item["to"], "to");
        if (!from || !to)
            return;
        if (!(*from < *to))
            add(item.error(SG_TR("band: %1 is not below %2"), {shown(item.text("from")), shown(item.text("to"))}));
        else
            look.bands.push_back({*from, *to, item.text("label")});
    }
    template <class Use> void each(const Node &list, Fields fields, Use use)
    {
        if (list.isMissing())
            return;
        if (list.kind != Node::Kind::List || list.list.size() > Most) {
            add(list.error(SG_TR("this takes a list of at most %1 maps, e.g. [{ ... }]"), {std::to_string(Most)}));
            return;
        }
        for (Node item : list.list) {
            const auto language = chooseLanguage(item, "label");
            const auto faults = language ? std::vector<Error>{*language} : check(item, fields);
            for (const auto &fault : faults)
                add(fault);
            if (faults.empty())
                use(item);
        }
    }
    static SeriesStyle styleNamed(std::string_view name)
    {
        for (std::size_t i = 0; i < std::size(StyleNames); ++i)
            if (name == StyleNames[i])
                return static_cast<SeriesStyle>(i);
        return SeriesStyle::Line;
    }

private:
    void add(Error error)
    {
        if (m_faults != nullptr)
            m_faults->push_back(std::move(error));
    }
    std::optional<double> number(const Node &node, std::string_view key)
    {
        const auto read = readNumber(node, key);
        if (!read) {
            add(read.error());
            return {};
        }
        return std::isfinite(*read) ? std::optional(*read) : std::nullopt;
    }
    std::optional<std::uint32_t> colour(const Node &node)
    {
        const std::string &text = node.scalar;
        const bool isForm = text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
        if (!isForm) {
            add(node.error(SG_TR("color: '%1' is not a colour like \"#0072B2\" (in quotes, # begins a comment)"), {shown(text)}));
            return {};
        }
        return static_cast<std::uint32_t>(std::stoul(text.substr(1), nullptr, 16));
    }

    std::vector<Error> *m_faults;
};

}

SeriesLook ChartLook::lookOf(std::string_view path) const
{
    SeriesLook out;
    out.style = style;
    out.isRight = false;
    for (const auto &entry : styles) {
        if (!entry.series.matches(path))
            continue;
        out.style = entry.style ? entry.style : out.style;
        out.isRight = entry.isRight ? entry.isRight : out.isRight;
        out.colour = entry.colour ? entry.colour : out.colour;
        out.width = entry.width ? entry.width : out.width;
    }
    return out;
}

Fields chartFields()
{
    return Table;
}

ChartLook readChartLook(const Node &settings, std::vector<Error> *faults)
{
    ChartLook look;
    LookReader reader(faults);
    look.style = LookReader::styleNamed(settings.text("style", "line"));
    reader.scale(settings, look.left);
    reader.scale(settings["right"], look.right);
    reader.each(settings["styles"], StyleFields, [&](const Node &item) { reader.style(item, look); });
    reader.each(settings["thresholds"], ThresholdFields, [&](const Node &item) { reader.threshold(item, look); });
    reader.each(settings["bands"], BandFields, [&](const Node &item) { reader.band(item, look); });
    return look;
}

}
