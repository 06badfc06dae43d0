#include "sim/serve/devices.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

namespace hw::sim {

namespace {

struct Range {
    std::string_view unit;
    double least;
    double most;
};

// What no reading of the unit leaves while its instrument works.
constexpr std::array<Range, 7> reading_ranges{{{"pH", 0, 14},
                                               {"NTU", 0, 1000},
                                               {"degC", -40, 150},
                                               {"bar", 0, 16},
                                               {"mg/l", 0, 100},
                                               {"%", -1, 101},
                                               {"mm/s", 0, 50}}};

std::string_view type_name(Kind kind) {
    switch (kind) {
        case Kind::real:
            return "float";
        case Kind::whole:
            return "int32";
        case Kind::flag:
            return "bit";
        case Kind::text:
            return "string";
    }
    return "";
}

// Writes one file. Our texts have nothing that TOML would want escaped.
class Writer {
  public:
    Writer(const DeviceListing& listing, const Variables& variables, std::string_view below)
        : listing_(listing), variables_(variables), below_(below) {}

    void device(std::string_view name, std::string_view driver, std::string_view description) {
        append("name = \"{}/{}{}\"\n", listing_.prefix, below_, name);
        append("driver = \"{}\"\ndescription = \"{}\"\n\n[settings]\n", driver, description);
    }
    void setting(std::string_view name, std::string_view text) {
        append("{} = \"{}\"\n", name, text);
    }
    void setting(std::string_view name, uint16_t number) { append("{} = {}\n", name, number); }
    void tcp(uint16_t port) {
        setting("host", listing_.host);
        setting("port", port);
    }
    void group(std::string_view name) {
        append("\n[[groups]]\nname = \"{}\"\ninterval = \"1s\"\n", name);
    }
    void tag(size_t variable, std::string_view address);

    std::string take() { return std::move(text_); }

  private:
    template <class... Arguments>
    void append(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
    }
    void range(size_t variable);

    const DeviceListing& listing_;
    const Variables& variables_;
    std::string below_;  // of the prefix: what the tags' names leave out
    std::string text_;
};

void Writer::tag(size_t variable, std::string_view address) {
    const auto& about = variables_.list()[variable];
    append("\n[[groups.tags]]\nname = \"{}\"\naddress = \"{}\"\ntype = \"{}\"\n",
           about.path.substr(below_.size()), address, type_name(about.kind));
    append("access = \"{}\"\n", about.writable() ? "read,write" : "read");
    if (!about.unit.empty()) append("unit = \"{}\"\n", about.unit);
    append("description = \"{}\"\n", about.description);
    range(variable);
    append("point = \"{}/{}\"\n", listing_.prefix, about.path);
}

void Writer::range(size_t variable) {
    const auto& about = variables_.list()[variable];
    if (about.kind != Kind::real) return;
    if (about.writable()) {
        append("min = {}\nmax = {}\n", variables_.least(variable), variables_.most(variable));
        return;
    }
    for (const auto& range : reading_ranges)
        if (range.unit == about.unit) append("min = {}\nmax = {}\n", range.least, range.most);
}

std::string modbus_device(const DeviceListing& listing, const Variables& variables,
                          const ModbusUnit& unit) {
    const bool intake = unit.number == 1;
    const bool serial = intake && !listing.serial_port.empty();
    Writer writer(listing, variables, unit.area);
    writer.device(
        intake ? "plc1" : "plc2", serial ? "modbus-rtu" : "modbus-tcp",
        intake ? "Intake: river, screen, raw water pumps" : "Filters, wash water and air");
    if (serial)
        writer.setting("serial_port", listing.serial_port);
    else
        writer.tcp(listing.ports.modbus);
    writer.group(intake ? "intake" : "filtration");
    for (size_t a = 0; a < unit.memories.size(); ++a) {
        const auto area = static_cast<ModbusArea>(a);
        for (const auto& cell : unit.memory(area).cells())
            writer.tag(cell.variable, modbus_address(unit.number, area, cell));
    }
    return writer.take();
}

std::string s7_device(const DeviceListing& listing, const Variables& variables,
                      const std::vector<DataBlock>& blocks) {
    Writer writer(listing, variables, "plant1/");
    writer.device("treatment/plc3", "s7", "Coagulation, flocculation, settling, chlorination");
    writer.tcp(listing.ports.s7);
    for (const auto& block : blocks) {
        constexpr size_t site = std::string_view("plant1/").size();
        writer.group(std::string_view(block.area).substr(site, block.area.size() - site - 1));
        for (const auto& cell : block.memory.cells())
            writer.tag(cell.variable, s7_address(block.number, cell));
    }
    return writer.take();
}

std::string iec104_device(const DeviceListing& listing, const Variables& variables,
                          const std::vector<StationObject>& objects) {
    Writer writer(listing, variables, "plant1/");
    writer.device("highlift/rtu1", "iec104", "High-lift pump station and energy");
    writer.tcp(listing.ports.iec104);
    writer.setting("common_address", iec104_common_address);
    writer.setting("counter_interval", "60s");
    writer.group("station");
    for (const auto& object : objects)
        writer.tag(object.variable,
                   iec104_address(object, variables.list()[object.variable].writable()));
    return writer.take();
}

}  // namespace

std::vector<DeviceFile> list_devices(const DeviceListing& listing, const Variables& variables,
                                     const std::vector<ModbusUnit>& units,
                                     const std::vector<DataBlock>& blocks,
                                     const std::vector<StationObject>& objects) {
    std::vector<DeviceFile> files;
    for (const auto& unit : units)
        files.push_back({unit.number == 1 ? "intake_plc1.toml" : "filtration_plc2.toml",
                         modbus_device(listing, variables, unit)});
    files.push_back({"treatment_plc3.toml", s7_device(listing, variables, blocks)});
    files.push_back({"highlift_rtu1.toml", iec104_device(listing, variables, objects)});
    return files;
}

Result<void> write_devices(const std::vector<DeviceFile>& files, const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return fail(ErrorCode::io_failed,
                    fmt::format("folder '{}' cannot be made: {}", folder, error.message()));
    for (const auto& file : files) {
        const auto path = folder + "/" + file.name;
        std::ofstream out(path, std::ios::trunc);
        out << file.text;
        out.close();
        if (!out) return fail(ErrorCode::io_failed, fmt::format("'{}' cannot be written", path));
    }
    return {};
}

}  // namespace hw::sim
