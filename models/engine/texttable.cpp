#include "engine/texttable.h"

namespace sg {

std::uint32_t TextTable::code(std::string_view text)
{
    const auto found = m_codes.find(text);
    if (found != m_codes.end())
        return found->second;
    const auto fresh = static_cast<std::uint32_t>(m_texts.size());
    m_texts.push_back(std::make_shared<const std::string>(text));
    m_codes.emplace(std::string(text), fresh);
    return fresh;
}

std::shared_ptr<const std::string> TextTable::text(double code) const
{
    // Written so that NaN is refused too.
    if (!(code >= 0 && code < static_cast<double>(m_texts.size())))
        return nullptr;
    return m_texts[static_cast<std::size_t>(code)];
}

void TextTable::restore(const std::vector<KnownText> &texts)
{
    for (const KnownText &known : texts) {
        if (known.code >= m_texts.size())
            m_texts.resize(known.code + 1, std::make_shared<const std::string>());
        m_texts[known.code] = std::make_shared<const std::string>(known.text);
        m_codes.insert_or_assign(known.text, known.code);
    }
    m_saved = m_texts.size();
}

std::vector<KnownText> TextTable::takeNew()
{
    std::vector<KnownText> out;
    for (; m_saved < m_texts.size(); ++m_saved)
        out.push_back({static_cast<std::uint32_t>(m_saved), *m_texts[m_saved]});
    return out;
}

}
