#pragma once

#include "widgets/forms/fieldsform.h"
#include "workspace/textedit.h"

#include <functional>

namespace sg {

// One TextEdit that brings the values of an item from `before` to `after`, key by key, and leaves all else in the file as it is.
// Any thread, pure.
Result<TextEdit> changeItem(const std::string &file, const std::string &text, const std::string &list, const std::string &id,
                            const FormValues &before, const FormValues &after);

// Puts one more item at the end of a file's rules; there need not be such a file yet. For an EditStack::Maker.
std::function<Result<TextEdit>(const std::string &text)> addRuleItem(const std::string &file, const std::string &item);

// The one edit between two versions of a file.
TextEdit editBetween(const std::string &file, const std::string &before, const std::string &after);

}
