#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sg {

// A CSV file as a grid that keeps the file: a line whose cells are as they were is written as it was, with its quotes, spaces and line end.
// The first line with text names the columns. A value; pure, any thread.
struct CsvText
{
    struct Line
    {
        std::vector<std::string> cells;
        std::vector<std::string> was; // as read; another content is written anew
        std::string text; // as in the file, without its line end; empty for a new line
        std::string end; // "\n", "\r\n", or nothing for a last line without one
    };
    struct Blank // lines without text, kept in their place
    {
        std::size_t before = 0; // which line; lines.size(): at the end
        std::string text;
    };
    std::string bom;
    std::string eol = "\n"; // of new lines: that of the first one
    std::vector<Line> lines; // the header first
    std::vector<Blank> blanks;

    static CsvText read(std::string_view text);
    [[nodiscard]] std::string text() const; // lines without any cell text are left out
    void insert(std::size_t at, std::vector<std::string> cells); // before line `at`
    void remove(std::size_t at);
};

std::string csvLine(const std::vector<std::string> &cells); // quoted where RFC 4180 asks for it

}
