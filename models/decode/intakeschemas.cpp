#include "decode/intakeprivate.h"

namespace sg {

// The key comes first, so that nothing has happened when its schema has to be waited for.
Result<Done> Intake::Private::addWithSchemas(const Message &message)
{
    Message readable = message;
    if (const auto framing = keys.isAsked() ? Framing::in(message.key) : std::nullopt) {
        const auto key = jsonOf(message, *framing, true);
        if (!key)
            return key.error();
        readable.key = *key;
    }
    return message.isTombstone ? addTombstone(readable) : addMessage(readable);
}

Result<std::string_view> Intake::Private::jsonOf(const Message &message, const Framing &framing, bool isKey)
{
    auto json = schemas->toJson(framing.schema, framing.rest, isKey, stop);
    if (json)
        return json;
    if (!schemas->isWaiting())
        return ledger.bad(message, json.error());
    waitsFor = json.error();
    return json;
}

}
