#pragma once

#include "decode/declaration.h"

namespace sg {

bool isLabelText(std::string_view name); // a-z, 0-9 and _, begins with a letter

// Reads how messages of one kind are read: `cases` has one for each of them, any other decode is one. Its maps have been checked against
// their tables.
class CaseReader
{
public:
    // `item`: the source; `body`: the case, or the decode's map where there are no cases.
    CaseReader(const Declaration &declaration, const Node &item, const Node &body, std::vector<Error> &faults);

    Case read();
    void readWhen(const Node &when, Case &out);
    // A place that is the same for the whole message: of `when` and `count_by`.
    std::optional<Where> messagePlace(const std::string &text, const Node &at);

private:
    void readItems();
    std::optional<std::size_t> place(const Node &node);
    std::optional<std::size_t> placed(Result<Where> where, const Node &node);
    std::optional<Error> faultOf(const Where &where, const Node &node) const;
    void readLabels();
    void readTime();
    void readFields();
    void readSplit();
    void readReading();

    const Declaration &m_declaration;
    const Node &m_item;
    const Node &m_body;
    std::vector<Error> &m_faults;
    Case m_out;
};

}
