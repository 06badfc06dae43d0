#include "twin/model/quantities.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "twin/model/interface.h"

// The table of DTDL's QuantitativeTypes extension, version 1 (its chapter "Semantic types and
// units"), with the symbols that Headworks writes for the units.
namespace hw::twin {

namespace {

struct UnitRow {
    std::string_view name;
    std::string_view symbol;
};

constexpr UnitRow acceleration_unit[] = {
    {"centimetrePerSecondSquared", "cm/s2"}, {"gForce", "g0"}, {"metrePerSecondSquared", "m/s2"}};

constexpr UnitRow angle_unit[] = {{"degreeOfArc", "deg"},
                                  {"minuteOfArc", "arcmin"},
                                  {"radian", "rad"},
                                  {"secondOfArc", "arcsec"},
                                  {"turn", "turn"}};

constexpr UnitRow angular_acceleration_unit[] = {{"radianPerSecondSquared", "rad/s2"}};

constexpr UnitRow angular_velocity_unit[] = {{"degreePerSecond", "deg/s"},
                                             {"radianPerSecond", "rad/s"},
                                             {"revolutionPerMinute", "rpm"},
                                             {"revolutionPerSecond", "rps"}};

constexpr UnitRow apparent_energy_unit[] = {{"gigavoltAmpereHour", "GVAh"},
                                            {"kilovoltAmpereHour", "kVAh"},
                                            {"megavoltAmpereHour", "MVAh"},
                                            {"voltAmpereHour", "VAh"}};

constexpr UnitRow apparent_power_unit[] = {{"gigavoltAmpere", "GVA"},
                                           {"kilovoltAmpere", "kVA"},
                                           {"megavoltAmpere", "MVA"},
                                           {"millivoltAmpere", "mVA"},
                                           {"voltAmpere", "VA"}};

constexpr UnitRow area_unit[] = {
    {"acre", "acre"},      {"hectare", "ha"},          {"squareCentimetre", "cm2"},
    {"squareFoot", "ft2"}, {"squareInch", "in2"},      {"squareKilometre", "km2"},
    {"squareMetre", "m2"}, {"squareMillimetre", "mm2"}};

constexpr UnitRow capacitance_unit[] = {{"farad", "F"},
                                        {"microfarad", "uF"},
                                        {"millifarad", "mF"},
                                        {"nanofarad", "nF"},
                                        {"picofarad", "pF"}};

constexpr UnitRow unitless[] = {
    {"partsPerBillion", "ppb"},  {"partsPerMillion", "ppm"}, {"partsPerQuadrillion", "ppq"},
    {"partsPerTrillion", "ppt"}, {"percent", "%"},           {"unity", "1"}};

constexpr UnitRow current_unit[] = {
    {"ampere", "A"}, {"kiloampere", "kA"}, {"microampere", "uA"}, {"milliampere", "mA"}};

constexpr UnitRow data_rate_unit[] = {
    {"bitPerSecond", "bit/s"},       {"bytePerSecond", "B/s"},
    {"exbibitPerSecond", "Eibit/s"}, {"exbibytePerSecond", "EiB/s"},
    {"gibibitPerSecond", "Gibit/s"}, {"gibibytePerSecond", "GiB/s"},
    {"kibibitPerSecond", "Kibit/s"}, {"kibibytePerSecond", "KiB/s"},
    {"mebibitPerSecond", "Mibit/s"}, {"mebibytePerSecond", "MiB/s"},
    {"tebibitPerSecond", "Tibit/s"}, {"tebibytePerSecond", "TiB/s"},
    {"yobibitPerSecond", "Yibit/s"}, {"yobibytePerSecond", "YiB/s"},
    {"zebibitPerSecond", "Zibit/s"}, {"zebibytePerSecond", "ZiB/s"}};

constexpr UnitRow data_size_unit[] = {
    {"bit", "bit"},       {"byte", "B"},       {"exbibit", "Eibit"}, {"exbibyte", "EiB"},
    {"gibibit", "Gibit"}, {"gibibyte", "GiB"}, {"kibibit", "Kibit"}, {"kibibyte", "KiB"},
    {"mebibit", "Mibit"}, {"mebibyte", "MiB"}, {"tebibit", "Tibit"}, {"tebibyte", "TiB"},
    {"yobibit", "Yibit"}, {"yobibyte", "YiB"}, {"zebibit", "Zibit"}, {"zebibyte", "ZiB"}};

constexpr UnitRow density_unit[] = {{"gramPerCubicMetre", "g/m3"},
                                    {"kilogramPerCubicMetre", "kg/m3"},
                                    {"microgramPerCubicMetre", "ug/m3"},
                                    {"milligramPerCubicMetre", "mg/m3"}};

constexpr UnitRow length_unit[] = {
    {"astronomicalUnit", "au"}, {"centimetre", "cm"}, {"foot", "ft"},         {"inch", "in"},
    {"kilometre", "km"},        {"metre", "m"},       {"micrometre", "um"},   {"mile", "mi"},
    {"millimetre", "mm"},       {"nanometre", "nm"},  {"nauticalMile", "nmi"}};

constexpr UnitRow charge_unit[] = {
    {"ampereHour", "Ah"}, {"coulomb", "C"}, {"milliampereHour", "mAh"}};

constexpr UnitRow energy_unit[] = {
    {"britishThermalUnit", "Btu"}, {"electronvolt", "eV"},  {"gigajoule", "GJ"},
    {"gigawattHour", "GWh"},       {"joule", "J"},          {"kiloBritishThermalUnit", "kBtu"},
    {"kilojoule", "kJ"},           {"kilowattHour", "kWh"}, {"megaelectronvolt", "MeV"},
    {"megajoule", "MJ"},           {"megawattHour", "MWh"}, {"milliwattHour", "mWh"},
    {"terawattHour", "TWh"},       {"wattHour", "Wh"}};

constexpr UnitRow power_unit[] = {{"britishThermalUnitPerHour", "Btu/h"},
                                  {"gigajoulePerHour", "GJ/h"},
                                  {"gigawatt", "GW"},
                                  {"horsepower", "hp"},
                                  {"joulePerHour", "J/h"},
                                  {"joulePerSecond", "J/s"},
                                  {"kiloBritishThermalUnitPerHour", "kBtu/h"},
                                  {"kilojoulePerHour", "kJ/h"},
                                  {"kilojoulePerSecond", "kJ/s"},
                                  {"kilowatt", "kW"},
                                  {"kilowattHourPerYear", "kWh/y"},
                                  {"megajoulePerHour", "MJ/h"},
                                  {"megawatt", "MW"},
                                  {"microwatt", "uW"},
                                  {"milliwatt", "mW"},
                                  {"tonOfRefrigeration", "TR"},
                                  {"watt", "W"}};

constexpr UnitRow force_unit[] = {
    {"newton", "N"}, {"ounce", "ozf"}, {"pound", "lbf"}, {"ton", "tonf"}};

constexpr UnitRow frequency_unit[] = {{"gigahertz", "GHz"},
                                      {"hertz", "Hz"},
                                      {"kilohertz", "kHz"},
                                      {"megahertz", "MHz"},
                                      {"millihertz", "mHz"}};

constexpr UnitRow illuminance_unit[] = {{"footcandle", "fc"}, {"lux", "lx"}};

constexpr UnitRow inductance_unit[] = {{"henry", "H"}, {"microhenry", "uH"}, {"millihenry", "mH"}};

constexpr UnitRow ionizing_radiation_dose_unit[] = {{"gray", "Gy"},          {"microgray", "uGy"},
                                                    {"microsievert", "uSv"}, {"milligray", "mGy"},
                                                    {"millisievert", "mSv"}, {"sievert", "Sv"}};

constexpr UnitRow irradiance_unit[] = {{"wattPerSquareMetre", "W/m2"}};

constexpr UnitRow luminance_unit[] = {{"candelaPerSquareMetre", "cd/m2"}};

constexpr UnitRow luminous_flux_unit[] = {{"lumen", "lm"}};

constexpr UnitRow luminous_intensity_unit[] = {{"candela", "cd"}};

constexpr UnitRow magnetic_flux_unit[] = {{"maxwell", "Mx"}, {"weber", "Wb"}};

constexpr UnitRow magnetic_induction_unit[] = {{"gauss", "G"}, {"tesla", "T"}};

constexpr UnitRow mass_unit[] = {{"gram", "g"},       {"kilogram", "kg"},  {"massPound", "lb"},
                                 {"microgram", "ug"}, {"milligram", "mg"}, {"slug", "slug"},
                                 {"tonne", "t"}};

constexpr UnitRow mass_flow_rate_unit[] = {{"gramPerHour", "g/h"},
                                           {"gramPerSecond", "g/s"},
                                           {"kilogramPerHour", "kg/h"},
                                           {"kilogramPerSecond", "kg/s"},
                                           {"massPoundPerHour", "lb/h"}};

constexpr UnitRow pressure_unit[] = {{"bar", "bar"},
                                     {"decapascal", "daPa"},
                                     {"hectopascal", "hPa"},
                                     {"inchesOfMercury", "inHg"},
                                     {"inchesOfWater", "inH2O"},
                                     {"kilopascal", "kPa"},
                                     {"millibar", "mbar"},
                                     {"millimetresOfMercury", "mmHg"},
                                     {"pascal", "Pa"},
                                     {"poundPerSquareInch", "psi"}};

constexpr UnitRow radioactivity_unit[] = {{"becquerel", "Bq"},
                                          {"gigabecquerel", "GBq"},
                                          {"kilobecquerel", "kBq"},
                                          {"megabecquerel", "MBq"}};

constexpr UnitRow reactive_energy_unit[] = {{"gigavoltAmpereReactiveHour", "Gvarh"},
                                            {"kilovoltAmpereReactiveHour", "kvarh"},
                                            {"megavoltAmpereReactiveHour", "Mvarh"},
                                            {"voltAmpereReactiveHour", "varh"}};

constexpr UnitRow reactive_power_unit[] = {{"gigavoltAmpereReactive", "Gvar"},
                                           {"kilovoltAmpereReactive", "kvar"},
                                           {"megavoltAmpereReactive", "Mvar"},
                                           {"millivoltAmpereReactive", "mvar"},
                                           {"voltAmpereReactive", "var"}};

constexpr UnitRow resistance_unit[] = {
    {"kiloohm", "kOhm"}, {"megaohm", "MOhm"}, {"milliohm", "mOhm"}, {"ohm", "Ohm"}};

constexpr UnitRow sound_pressure_unit[] = {{"bel", "bel"}, {"decibel", "dB"}};

constexpr UnitRow temperature_unit[] = {
    {"degreeCelsius", "degC"}, {"degreeFahrenheit", "degF"}, {"kelvin", "K"}};

constexpr UnitRow time_unit[] = {{"day", "d"},          {"hour", "h"},     {"microsecond", "us"},
                                 {"millisecond", "ms"}, {"minute", "min"}, {"nanosecond", "ns"},
                                 {"second", "s"},       {"year", "y"}};

constexpr UnitRow torque_unit[] = {{"newtonMetre", "Nm"}};

constexpr UnitRow velocity_unit[] = {{"centimetrePerSecond", "cm/s"}, {"kilometrePerHour", "km/h"},
                                     {"kilometrePerSecond", "km/s"},  {"knot", "kn"},
                                     {"metrePerHour", "m/h"},         {"metrePerSecond", "m/s"},
                                     {"milePerHour", "mph"},          {"milePerSecond", "mi/s"}};

constexpr UnitRow voltage_unit[] = {{"kilovolt", "kV"},
                                    {"megavolt", "MV"},
                                    {"microvolt", "uV"},
                                    {"millivolt", "mV"},
                                    {"volt", "V"}};

constexpr UnitRow volume_unit[] = {
    {"cubicCentimetre", "cm3"}, {"cubicFoot", "ft3"}, {"cubicInch", "in3"}, {"cubicMetre", "m3"},
    {"fluidOunce", "floz"},     {"gallon", "gal"},    {"litre", "L"},       {"millilitre", "mL"}};

constexpr UnitRow volume_flow_rate_unit[] = {
    {"cubicFootPerMinute", "ft3/min"}, {"cubicMetrePerHour", "m3/h"},
    {"cubicMetrePerMinute", "m3/min"}, {"cubicMetrePerSecond", "m3/s"},
    {"gallonPerHour", "gal/h"},        {"gallonPerMinute", "gal/min"},
    {"litrePerHour", "L/h"},           {"litrePerMinute", "L/min"},
    {"litrePerSecond", "L/s"},         {"millilitrePerHour", "mL/h"},
    {"millilitrePerMinute", "mL/min"}, {"millilitrePerSecond", "mL/s"}};

struct UnitTypeRow {
    std::string_view name;
    std::span<const UnitRow> units;
};

constexpr UnitTypeRow unit_types[] = {
    {"AccelerationUnit", acceleration_unit},
    {"AngleUnit", angle_unit},
    {"AngularAccelerationUnit", angular_acceleration_unit},
    {"AngularVelocityUnit", angular_velocity_unit},
    {"ApparentEnergyUnit", apparent_energy_unit},
    {"ApparentPowerUnit", apparent_power_unit},
    {"AreaUnit", area_unit},
    {"CapacitanceUnit", capacitance_unit},
    {"ChargeUnit", charge_unit},
    {"CurrentUnit", current_unit},
    {"DataRateUnit", data_rate_unit},
    {"DataSizeUnit", data_size_unit},
    {"DensityUnit", density_unit},
    {"EnergyUnit", energy_unit},
    {"ForceUnit", force_unit},
    {"FrequencyUnit", frequency_unit},
    {"IlluminanceUnit", illuminance_unit},
    {"InductanceUnit", inductance_unit},
    {"IonizingRadiationDoseUnit", ionizing_radiation_dose_unit},
    {"IrradianceUnit", irradiance_unit},
    {"LengthUnit", length_unit},
    {"LuminanceUnit", luminance_unit},
    {"LuminousFluxUnit", luminous_flux_unit},
    {"LuminousIntensityUnit", luminous_intensity_unit},
    {"MagneticFluxUnit", magnetic_flux_unit},
    {"MagneticInductionUnit", magnetic_induction_unit},
    {"MassFlowRateUnit", mass_flow_rate_unit},
    {"MassUnit", mass_unit},
    {"PowerUnit", power_unit},
    {"PressureUnit", pressure_unit},
    {"RadioactivityUnit", radioactivity_unit},
    {"ReactiveEnergyUnit", reactive_energy_unit},
    {"ReactivePowerUnit", reactive_power_unit},
    {"ResistanceUnit", resistance_unit},
    {"SoundPressureUnit", sound_pressure_unit},
    {"TemperatureUnit", temperature_unit},
    {"TimeUnit", time_unit},
    {"TorqueUnit", torque_unit},
    {"Unitless", unitless},
    {"VelocityUnit", velocity_unit},
    {"VoltageUnit", voltage_unit},
    {"VolumeFlowRateUnit", volume_flow_rate_unit},
    {"VolumeUnit", volume_unit},
};

struct TypeRow {
    std::string_view name;
    std::string_view unit_type;
};

constexpr TypeRow types[] = {
    {"Acceleration", "AccelerationUnit"},
    {"Angle", "AngleUnit"},
    {"AngularAcceleration", "AngularAccelerationUnit"},
    {"AngularVelocity", "AngularVelocityUnit"},
    {"ApparentEnergy", "ApparentEnergyUnit"},
    {"ApparentPower", "ApparentPowerUnit"},
    {"Area", "AreaUnit"},
    {"Capacitance", "CapacitanceUnit"},
    {"Concentration", "Unitless"},
    {"Current", "CurrentUnit"},
    {"DataRate", "DataRateUnit"},
    {"DataSize", "DataSizeUnit"},
    {"Density", "DensityUnit"},
    {"Distance", "LengthUnit"},
    {"ElectricCharge", "ChargeUnit"},
    {"Energy", "EnergyUnit"},
    {"EnergyRate", "PowerUnit"},
    {"Force", "ForceUnit"},
    {"Frequency", "FrequencyUnit"},
    {"Humidity", "DensityUnit"},
    {"Illuminance", "IlluminanceUnit"},
    {"Inductance", "InductanceUnit"},
    {"IonizingRadiationDose", "IonizingRadiationDoseUnit"},
    {"Irradiance", "IrradianceUnit"},
    {"Latitude", "AngleUnit"},
    {"Length", "LengthUnit"},
    {"Longitude", "AngleUnit"},
    {"Luminance", "LuminanceUnit"},
    {"Luminosity", "PowerUnit"},
    {"LuminousFlux", "LuminousFluxUnit"},
    {"LuminousIntensity", "LuminousIntensityUnit"},
    {"MagneticFlux", "MagneticFluxUnit"},
    {"MagneticInduction", "MagneticInductionUnit"},
    {"Mass", "MassUnit"},
    {"MassFlowRate", "MassFlowRateUnit"},
    {"Power", "PowerUnit"},
    {"Pressure", "PressureUnit"},
    {"Radioactivity", "RadioactivityUnit"},
    {"ReactiveEnergy", "ReactiveEnergyUnit"},
    {"ReactivePower", "ReactivePowerUnit"},
    {"RelativeDensity", "Unitless"},
    {"RelativeHumidity", "Unitless"},
    {"Resistance", "ResistanceUnit"},
    {"SoundPressure", "SoundPressureUnit"},
    {"Temperature", "TemperatureUnit"},
    {"Thrust", "ForceUnit"},
    {"TimeSpan", "TimeUnit"},
    {"Torque", "TorqueUnit"},
    {"Velocity", "VelocityUnit"},
    {"Voltage", "VoltageUnit"},
    {"Volume", "VolumeUnit"},
    {"VolumeFlowRate", "VolumeFlowRateUnit"},
};

// By name, found by binary search.
struct Index {
    std::vector<std::pair<std::string_view, std::string_view>> symbols;  // of names
    std::vector<std::pair<std::string_view, std::string_view>> names;    // of symbols
    std::vector<std::string> unit_names;
    std::vector<std::string> type_names;

    Index() {
        for (const auto& type : unit_types) {
            for (const auto& unit : type.units) {
                symbols.emplace_back(unit.name, unit.symbol);
                names.emplace_back(unit.symbol, unit.name);
                unit_names.emplace_back(unit.name);
            }
        }
        for (const auto& type : types)
            type_names.emplace_back(type.name);
        std::ranges::sort(symbols);
        std::ranges::sort(names);
        std::ranges::sort(unit_names);
    }
};

const Index& the_index() {
    static const Index index;
    return index;
}

std::string_view look_up(const std::vector<std::pair<std::string_view, std::string_view>>& sorted,
                         std::string_view key) {
    const auto found =
        std::ranges::lower_bound(sorted, key, {}, [](const auto& one) { return one.first; });
    return found != sorted.end() && found->first == key ? found->second : std::string_view{};
}

std::span<const UnitRow> rows_of_type(std::string_view unit_type) {
    for (const auto& type : unit_types)
        if (type.name == unit_type) return type.units;
    return {};
}

std::span<const UnitRow> rows_of(std::string_view semantic_type) {
    return rows_of_type(unit_type_of(semantic_type));
}

}  // namespace

std::string_view unit_type_of(std::string_view semantic_type) {
    const auto* const found = std::ranges::lower_bound(types, semantic_type, {}, &TypeRow::name);
    return found != std::end(types) && found->name == semantic_type ? found->unit_type
                                                                    : std::string_view{};
}

bool is_semantic_type(std::string_view name) {
    return !unit_type_of(name).empty();
}

bool is_unit(std::string_view name) {
    return !look_up(the_index().symbols, name).empty();
}

std::vector<std::string_view> units_of(std::string_view semantic_type) {
    return units_of_type(unit_type_of(semantic_type));
}

std::vector<std::string_view> units_of_type(std::string_view unit_type) {
    std::vector<std::string_view> names;
    for (const auto& unit : rows_of_type(unit_type))
        names.push_back(unit.name);
    return names;
}

std::vector<std::string_view> types_with(std::string_view unit) {
    std::vector<std::string_view> names;
    for (const auto& type : types)
        if (std::ranges::find(rows_of(type.name), unit, &UnitRow::name) != rows_of(type.name).end())
            names.push_back(type.name);
    return names;
}

const std::vector<std::string>& semantic_type_names() {
    return the_index().type_names;
}

const std::vector<std::string>& unit_names() {
    return the_index().unit_names;
}

std::string_view unit_symbol(std::string_view dtdl_unit) {
    const std::string_view symbol = look_up(the_index().symbols, dtdl_unit);
    return symbol.empty() ? dtdl_unit : symbol;
}

std::string_view dtdl_unit(std::string_view symbol) {
    return look_up(the_index().names, symbol);
}

}  // namespace hw::twin
