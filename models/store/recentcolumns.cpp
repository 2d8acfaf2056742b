#include "store/recentcolumns.h"

#include <algorithm>

namespace sg {

namespace {

std::int64_t gridOf(const RecentColumns::Picture &picture)
{
    return CachedColumns::gridOf(picture.front()->columns());
}

std::size_t columnsOf(const RecentColumns::Picture &picture)
{
    return picture.size() * picture.front()->columns().columns.size();
}

}

void RecentColumns::add(Picture picture)
{
    if (picture.empty() || picture.front()->isFar() || gridOf(picture) == 0)
        return;
    std::erase_if(m_pictures, [&](const Picture &old) { return gridOf(old) == gridOf(picture); });
    m_pictures.push_front(std::move(picture));
    std::size_t kept = columns();
    for (; kept > MostColumns && m_pictures.size() > 1; m_pictures.pop_back())
        kept -= columnsOf(m_pictures.back());
}

RecentColumns::Picture RecentColumns::forWindow(Time from, Time to, int width) const
{
    const auto found = std::find_if(m_pictures.begin(), m_pictures.end(), [&](const Picture &picture) {
        const Columns &shown = picture.front()->columns();
        return gridOf(picture) * width == (to - from).count() && shown.from < to && from < shown.to;
    });
    return found == m_pictures.end() ? Picture() : *found;
}

std::size_t RecentColumns::columns() const
{
    std::size_t sum = 0;
    for (const Picture &picture : m_pictures)
        sum += columnsOf(picture);
    return sum;
}

}
