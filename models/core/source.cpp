#include "core/source.h"

namespace sg {

Result<Done> Source::readBack(Lane &, Time, Time, std::stop_token)
{
    return Error{SG_TR("this kind of source cannot read older data back"), {}, {}};
}

}
