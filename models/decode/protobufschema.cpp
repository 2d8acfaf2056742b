#include "decode/protobufschema.h"

#include "core/text.h"
#include "decode/varint.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

namespace sg {

namespace {

namespace pb = google::protobuf;

constexpr std::size_t LargestSchema = 1U << 20U;
constexpr std::int64_t MostIndexes = 32; // types inside types

// Registries know this one by themselves.
constexpr const char *DecimalName = "confluent/type/decimal.proto";
constexpr const char *DecimalText
    = "syntax = \"proto3\"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 "
      "scale = 3; }";

// Keeps the first fault.
class Faults : public pb::io::ErrorCollector, public pb::DescriptorPool::ErrorCollector
{
public:
    void AddError(int line, pb::io::ColumnNumber, const std::string &message) override
    {
        if (first.empty())
            first = "line " + std::to_string(line + 1) + ": " + message;
    }
    void AddError(const std::string &, const std::string &element, const pb::Message *, ErrorLocation, const std::string &message) override
    {
        if (first.empty())
            first = element + ": " + message;
    }
    std::string first;
};

// The types that every .proto may import are part of the library.
const pb::DescriptorPool *knownTypes()
{
    static_cast<void>(pb::Timestamp::descriptor());
    static_cast<void>(pb::Duration::descriptor());
    static_cast<void>(pb::Struct::descriptor());
    static_cast<void>(pb::DoubleValue::descriptor());
    return pb::DescriptorPool::generated_pool();
}

}

ProtobufSchema::ProtobufSchema()
    : m_pool(knownTypes())
{
}

Result<std::unique_ptr<ProtobufSchema>> ProtobufSchema::parse(const SchemaText &schema)
{
    // What the library has to say of a hostile message is in our own errors.
    static const bool isSilenced = [] {
        pb::SetLogHandler(nullptr);
        return true;
    }();
    static_cast<void>(isSilenced);
    std::unique_ptr<ProtobufSchema> made(new ProtobufSchema);
    bool hasDecimal = false;
    for (const auto &reference : schema.references) {
        hasDecimal = hasDecimal || reference.name == DecimalName;
        if (pb::DescriptorPool::generated_pool()->FindFileByName(reference.name))
            continue;
        if (auto added = made->add(reference.name, reference.text); !added)
            return added.error();
    }
    if (!hasDecimal)
        if (auto added = made->add(DecimalName, DecimalText); !added)
            return added.error();
    auto file = made->add("schema.proto", schema.text);
    if (!file)
        return file.error();
    made->m_file = *file;
    return made;
}

Result<const pb::FileDescriptor *> ProtobufSchema::add(const std::string &name, const std::string &text)
{
    if (text.size() > LargestSchema)
        return Error{SG_TR("a schema of %1 bytes; at most %2 are read"), {std::to_string(text.size()), std::to_string(LargestSchema)}, {}};
    Faults faults;
    pb::io::ArrayInputStream in(text.data(), static_cast<int>(text.size()));
    pb::io::Tokenizer tokens(&in, &faults);
    pb::compiler::Parser parser;
    parser.RecordErrorsTo(&faults);
    pb::FileDescriptorProto file;
    const pb::FileDescriptor *built = nullptr;
    if (parser.Parse(&tokens, &file)) {
        file.set_name(name);
        built = m_pool.BuildFileCollectingErrors(file, &faults);
    }
    if (!built)
        return Error{SG_TR("the Protobuf schema '%1' cannot be read: %2"), {shown(name, 80), shown(faults.first, 200)}, {}};
    return built;
}

Result<const pb::Descriptor *> ProtobufSchema::typeOf(std::string_view &bytes) const
{
    const Error broken{SG_TR("Protobuf: the payload does not begin with the index of its type"), {}, {}};
    auto count = takeZigzag(bytes);
    if (!count || *count < 0 || *count > MostIndexes)
        return broken;
    const pb::Descriptor *type = nullptr;
    for (std::int64_t i = 0; i < std::max<std::int64_t>(1, *count); ++i) {
        const auto at = *count == 0 ? std::optional<std::int64_t>(0) : takeZigzag(bytes);
        const int types = type ? type->nested_type_count() : m_file->message_type_count();
        if (!at)
            return broken;
        if (*at < 0 || *at >= types)
            return Error{SG_TR("Protobuf: type %1 of a schema that has %2"), {std::to_string(*at), std::to_string(types)}, {}};
        type = type ? type->nested_type(static_cast<int>(*at)) : m_file->message_type(static_cast<int>(*at));
    }
    return type;
}

}
