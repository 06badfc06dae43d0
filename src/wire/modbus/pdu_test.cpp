#include "wire/modbus/pdu.h"

#include <gtest/gtest.h>

#include "wire/modbus/server_codec.h"
#include "wire/modbus/test_bytes.h"

namespace hw::modbus {
namespace {

// The examples of the Modbus Application Protocol V1.1b3, section 6: a request, its answer.
struct Example {
    std::string_view name;
    Request request;
    std::string request_bytes;
    std::string data;  // of the answer
    std::string response_bytes;
};

std::vector<Example> examples() {
    static const auto coils = hex("cd01");
    static const auto registers = hex("000a 0102");
    static const auto to_write = hex("00ff 00ff 00ff");
    using enum Function;
    return {
        {"6.1",
         {.function = read_coils, .address = 19, .count = 19},
         hex("01 0013 0013"),
         hex("cd6b05"),
         hex("01 03 cd6b05")},
        {"6.2",
         {.function = read_discrete_inputs, .address = 196, .count = 22},
         hex("02 00c4 0016"),
         hex("acdb35"),
         hex("02 03 acdb35")},
        {"6.3",
         {.function = read_holding_registers, .address = 107, .count = 3},
         hex("03 006b 0003"),
         hex("022b 0000 0064"),
         hex("03 06 022b 0000 0064")},
        {"6.4",
         {.function = read_input_registers, .address = 8, .count = 1},
         hex("04 0008 0001"),
         hex("000a"),
         hex("04 02 000a")},
        {"6.5",
         {.function = write_single_coil, .address = 172, .count = 1, .value = 0xff00},
         hex("05 00ac ff00"),
         "",
         hex("05 00ac ff00")},
        {"6.6",
         {.function = write_single_register, .address = 1, .count = 1, .value = 3},
         hex("06 0001 0003"),
         "",
         hex("06 0001 0003")},
        {"6.11",
         {.function = write_multiple_coils, .address = 19, .count = 10, .data = as_bytes(coils)},
         hex("0f 0013 000a 02 cd01"),
         "",
         hex("0f 0013 000a")},
        {"6.12",
         {.function = write_multiple_registers,
          .address = 1,
          .count = 2,
          .data = as_bytes(registers)},
         hex("10 0001 0002 04 000a 0102"),
         "",
         hex("10 0001 0002")},
        {"6.16",
         {.function = mask_write_register,
          .address = 4,
          .count = 1,
          .and_mask = 0xf2,
          .or_mask = 0x25},
         hex("16 0004 00f2 0025"),
         "",
         hex("16 0004 00f2 0025")},
        {"6.17",
         {.function = read_write_multiple_registers,
          .address = 3,
          .count = 6,
          .write_address = 14,
          .write_count = 3,
          .data = as_bytes(to_write)},
         hex("17 0003 0006 000e 0003 06 00ff 00ff 00ff"),
         hex("00fe 0acd 0001 0003 000d 00ff"),
         hex("17 0c 00fe 0acd 0001 0003 000d 00ff")},
    };
}

TEST(ModbusPdu, SpecificationExamplesFromTheClientsSide) {
    for (const auto& example : examples()) {
        std::string bytes;
        append_request(example.request, bytes);
        EXPECT_EQ(bytes, example.request_bytes) << example.name;
        const auto response = parse_response(example.request, as_bytes(example.response_bytes));
        ASSERT_TRUE(response.has_value()) << example.name << response.error().text();
        EXPECT_FALSE(response->exception) << example.name;
        EXPECT_EQ(as_text(response->data), example.data) << example.name;
    }
}

TEST(ModbusPdu, SpecificationExamplesFromTheServersSide) {
    for (const auto& example : examples()) {
        const auto request = parse_request(as_bytes(example.request_bytes));
        ASSERT_TRUE(request.has_value()) << example.name;
        EXPECT_EQ(request->function, example.request.function);
        EXPECT_EQ(request->address, example.request.address) << example.name;
        EXPECT_EQ(request->count, example.request.count) << example.name;
        EXPECT_EQ(request->value, example.request.value) << example.name;
        EXPECT_EQ(request->and_mask, example.request.and_mask) << example.name;
        EXPECT_EQ(request->or_mask, example.request.or_mask) << example.name;
        EXPECT_EQ(request->write_address, example.request.write_address) << example.name;
        EXPECT_EQ(as_text(request->data), as_text(example.request.data)) << example.name;
        std::string bytes;
        append_response(*request, as_bytes(example.data), bytes);
        EXPECT_EQ(bytes, example.response_bytes) << example.name;
    }
}

TEST(ModbusPdu, Exceptions) {
    const auto request = read_request(Area::coil, 0x4a1, 1);
    const auto response = parse_response(request, as_bytes(hex("81 02")));
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->exception, ExceptionCode::illegal_data_address);
    EXPECT_EQ(describe(*response->exception), "exception 2 (illegal data address)");
    EXPECT_EQ(describe(ExceptionCode::gateway_target_failed),
              "exception 11 (gateway target device failed to respond)");
    EXPECT_EQ(describe(static_cast<ExceptionCode>(99)), "exception 99");
    std::string bytes;
    append_exception(1, ExceptionCode::illegal_data_address, bytes);
    EXPECT_EQ(bytes, hex("81 02"));
}

TEST(ModbusPdu, AnswersThatDoNotFit) {
    const auto request = read_request(Area::holding_register, 0, 2);
    for (const std::string_view bytes :
         {"", "03", "03 04", "03 04 0001", "03 02 0001", "03 04 0001 0002 00", "03 05 0001 000203",
          "04 04 0001 0002", "83", "83 02 00"}) {
        const auto response = parse_response(request, as_bytes(hex(bytes)));
        ASSERT_FALSE(response.has_value()) << bytes;
        EXPECT_EQ(response.error().code(), ErrorCode::corrupt);
    }
    const Request write{.function = Function::write_single_register, .address = 1, .value = 3};
    EXPECT_FALSE(parse_response(write, as_bytes(hex("06 0001 0004"))).has_value());
    EXPECT_FALSE(parse_response(write, as_bytes(hex("06 0002 0003"))).has_value());
    EXPECT_FALSE(parse_response(write, as_bytes(hex("06 0001 000300"))).has_value());
}

TEST(ModbusPdu, ServerRefusesAsTheStandardSays) {
    const auto refusal = [](std::string_view bytes) {
        const auto request = parse_request(as_bytes(hex(bytes)));
        return request ? 0 : static_cast<int>(request.error());
    };
    EXPECT_EQ(refusal("2b 0e 01 00"), 1);
    EXPECT_EQ(refusal(""), 1);
    EXPECT_EQ(refusal("03 0000 0000"), 3);
    EXPECT_EQ(refusal("03 0000 007e"), 3);
    EXPECT_EQ(refusal("03 0000 007d"), 0);
    EXPECT_EQ(refusal("01 0000 07d1"), 3);
    EXPECT_EQ(refusal("03 ffff 0002"), 2);
    EXPECT_EQ(refusal("03 ffff 0001"), 0);
    EXPECT_EQ(refusal("05 0000 0001"), 3);
    EXPECT_EQ(refusal("10 0000 0001 02 00"), 3);
    EXPECT_EQ(refusal("10 0000 0001 04 0000"), 3);
    EXPECT_EQ(refusal("10 0000 0001 02 0000 00"), 3);
    EXPECT_EQ(refusal("0f 0000 0009 01 00"), 3);
    EXPECT_EQ(refusal("03 0000"), 3);
}

TEST(ModbusPdu, DescribesWithTheNumbersOfTheGrammar) {
    EXPECT_EQ(describe(read_request(Area::holding_register, 0, 125)),
              "read holding registers 400001 to 400125");
    EXPECT_EQ(describe(read_request(Area::discrete_input, 65'535, 1)),
              "read discrete inputs 165536");
    EXPECT_EQ(describe(Request{.function = Function::write_single_coil, .address = 6, .count = 1}),
              "write single coil 000007");
}

}  // namespace
}  // namespace hw::modbus
