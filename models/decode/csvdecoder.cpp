#include "decode/cells.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

// One record of RFC 4180, whose columns the declaration names.
class CsvDecoder : public Decoder
{
public:
    explicit CsvDecoder(const Declaration &declaration)
        : m_declaration(declaration)
    {
    }

    std::unique_ptr<Shape> makeShape(const Case &kind) const override { return std::make_unique<CellShape>(kind); }

    Result<Done> decode(const Message &message, Shape &shape) override
    {
        auto &cells = static_cast<CellShape &>(shape);
        cells.beginRow();
        std::string_view line = message.payload;
        if (line.size() > LargestPayload)
            return Error{
                SG_TR("a payload of %1 bytes; at most %2 are read"), {std::to_string(line.size()), std::to_string(LargestPayload)}, {}};
        if (line.starts_with("\xEF\xBB\xBF"))
            line.remove_prefix(3);
        if (line.ends_with('\n'))
            line.remove_suffix(1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            return Error{SG_TR("an empty line; expected %1 columns"), {std::to_string(m_declaration.columns.size())}, {}};
        if (!isUtf8(line))
            return Error{SG_TR("the line is not UTF-8"), {}, {}};
        m_unquoted.clear(); // cells are views into it: it must never grow beyond what is reserved
        m_unquoted.reserve(line.size());
        std::size_t index = 0;
        for (bool isMore = true; isMore; ++index) {
            auto value = next(line, isMore);
            if (!value)
                return value.error();
            if (index < m_declaration.columns.size())
                if (auto done = cells.put(index, m_declaration.columns[index], *value); !done)
                    return done;
        }
        if (index != m_declaration.columns.size())
            return Error{
                SG_TR("a line of %1 columns; expected %2"), {std::to_string(index), std::to_string(m_declaration.columns.size())}, {}};
        return Done();
    }

private:
    // Takes one cell and its separator off the front of the line.
    Result<Value> next(std::string_view &line, bool &isMore)
    {
        if (line.starts_with('"'))
            return quoted(line, isMore);
        const std::size_t end = std::min(line.find(m_declaration.separator), line.size());
        const std::string_view text = line.substr(0, end);
        if (text.find('"') != std::string_view::npos)
            return Error{SG_TR("a quote inside the unquoted cell '%1'"), {shown(text, 60)}, {}};
        if (text.find_first_of("\r\n") != std::string_view::npos)
            return Error{SG_TR("a second line in one message"), {}, {}};
        isMore = end < line.size();
        line.remove_prefix(isMore ? end + 1 : end);
        if (text.empty())
            return Value::ofKind(Value::Kind::Null);
        const auto number = numberIn(text);
        return number ? *number : Value::ofText(text);
    }

    Result<Value> quoted(std::string_view &line, bool &isMore)
    {
        const std::size_t begin = m_unquoted.size();
        std::size_t i = 1;
        for (;; ++i) {
            if (i >= line.size())
                return Error{SG_TR("a quoted cell does not end"), {}, {}};
            if (line[i] == '"') {
                if (i + 1 < line.size() && line[i + 1] == '"')
                    ++i;
                else
                    break;
            }
            m_unquoted += line[i];
        }
        ++i;
        isMore = i < line.size();
        if (isMore && line[i] != m_declaration.separator)
            return Error{SG_TR("'%1' follows a closing quote; expected '%2'"),
                         {shown(line.substr(i, 1)), std::string(1, m_declaration.separator)},
                         {}};
        line.remove_prefix(isMore ? i + 1 : i);
        return Value::ofText(std::string_view(m_unquoted).substr(begin));
    }

    const Declaration &m_declaration;
    std::string m_unquoted;
};

}

std::unique_ptr<Decoder> makeCsvDecoder(const Declaration &declaration)
{
    return std::make_unique<CsvDecoder>(declaration);
}

}
