#pragma once

#include "decode/schemas.h"

#include <google/protobuf/descriptor.h>

namespace sg {

// The types of a .proto text, read once.
class ProtobufSchema
{
public:
    static Result<std::unique_ptr<ProtobufSchema>> parse(const SchemaText &schema);
    // The type of a payload by the indexes in front of it, which are taken off.
    [[nodiscard]] Result<const google::protobuf::Descriptor *> typeOf(std::string_view &bytes) const;

private:
    ProtobufSchema();
    Result<const google::protobuf::FileDescriptor *> add(const std::string &name, const std::string &text);

    google::protobuf::DescriptorPool m_pool;
    const google::protobuf::FileDescriptor *m_file = nullptr;
};

}
