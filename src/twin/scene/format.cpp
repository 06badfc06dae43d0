#include "twin/scene/format.h"

namespace hw::twin {

namespace {

using enum FieldKind;

constexpr double far = 1e6;  // m; a coordinate
constexpr double big = 1e5;  // m; a size

constexpr Field colour_field(std::string_view standard, std::string_view help) {
    return {.name = "colour", .kind = colour, .words = standard, .help = help};
}
constexpr Field size(std::string_view name, double standard, std::string_view help) {
    return {.name = name,
            .kind = number,
            .least = 0.001,
            .most = big,
            .standard = standard,
            .help = help};
}
constexpr Field opacity_field = {.name = "opacity",
                                 .kind = number,
                                 .least = 0.05,
                                 .most = 1,
                                 .standard = 1,
                                 .help = "Below 1 one sees through it"};
constexpr Field wall_field = size("wall", 0.3, "Thickness of the wall");
constexpr Field water_field = {
    .name = "water", .kind = colour, .words = "#4f93c4", .help = "Colour of what is in it"};
constexpr Field level_field = {.name = "level",
                               .kind = number,
                               .least = 0,
                               .most = 1,
                               .standard = 0.75,
                               .help = "How full it is drawn where no fill binding says so"};

constexpr Field box_fields[] = {size("width", 1, "Along x"), size("height", 1, "Upwards"),
                                size("depth", 1, "Along z"), colour_field("#b8bec6", "Of the box"),
                                opacity_field};
constexpr Field cylinder_fields[] = {size("diameter", 1, "Outside"), size("height", 1, "Upwards"),
                                     colour_field("#b8bec6", "Of the cylinder"), opacity_field};
constexpr Field tank_fields[] = {
    size("diameter", 5, "Outside"),
    size("height", 4, "From the floor to the wall's top"),
    wall_field,
    {.name = "roof", .kind = choice, .words = "none|flat|cone|dome", .help = "What covers it"},
    {.name = "lying",
     .kind = flag,
     .help = "A vessel that lies along x, with round ends; height is its length"},
    colour_field("#c5cbd1", "Of the wall"),
    water_field,
    level_field,
    opacity_field};
constexpr Field basin_fields[] = {
    size("width", 5, "Along x, outside"),
    size("length", 10, "Along z, outside"),
    size("depth", 4, "From the floor to the wall's top"),
    wall_field,
    {.name = "channels",
     .kind = number,
     .least = 1,
     .most = 50,
     .standard = 1,
     .help = "Parts side by side along x, with walls between them"},
    {.name = "weirs", .kind = flag, .help = "Troughs across its outlet end, at +z"},
    colour_field("#b9b5ab", "Of the walls"),
    water_field,
    level_field,
    opacity_field};
constexpr Field clarifier_fields[] = {
    size("diameter", 20, "Outside"),
    size("depth", 4, "From the wall's foot to its top"),
    wall_field,
    {.name = "bridge", .kind = flag, .standard = 1, .help = "A scraper's bridge, which turns"},
    colour_field("#b9b5ab", "Of the wall"),
    water_field,
    level_field,
    opacity_field};
constexpr Field filter_fields[] = {
    size("width", 4, "Along x, outside"),
    size("length", 6, "Along z, outside"),
    size("depth", 4, "From the floor to the wall's top"),
    {.name = "media",
     .kind = number,
     .least = 0,
     .most = 100,
     .standard = 1.2,
     .help = "Height of the bed; the water of a fill binding stands on it"},
    wall_field,
    {.name = "troughs",
     .kind = number,
     .least = 0,
     .most = 20,
     .standard = 2,
     .help = "Wash water troughs"},
    colour_field("#b9b5ab", "Of the walls"),
    {.name = "sand", .kind = colour, .words = "#d0b483", .help = "Colour of the bed"},
    water_field,
    level_field,
    opacity_field};
constexpr Field pipe_fields[] = {{.name = "points",
                                  .kind = points3,
                                  .required = true,
                                  .least = 2,
                                  .most = 1000,
                                  .help = "The axis, in the direction of a flow above 0"},
                                 size("diameter", 0.5, "Outside"),
                                 {.name = "bend",
                                  .kind = number,
                                  .least = 0,
                                  .most = 1000,
                                  .help = "Radius of its bends' axis; 0: one and a half diameters"},
                                 {.name = "flanges", .kind = flag, .help = "A flange at each end"},
                                 colour_field("#5b87a6", "Of the pipe"),
                                 opacity_field};
constexpr Field pump_fields[] = {
    {.name = "size",
     .kind = number,
     .least = 0.01,
     .most = 100,
     .standard = 1,
     .help = "Length of pump and motor together"},
    {.name = "form", .kind = choice, .words = "horizontal|vertical", .help = "How its shaft lies"},
    colour_field("#3f6f8f", "Of the casing; what a colour binding changes"),
    {.name = "motor", .kind = colour, .words = "#7d8790", .help = "Of the motor"}};
constexpr Field mixer_fields[] = {
    size("diameter", 1.5, "Of what turns"),
    size("height", 3, "From the blades to the drive"),
    {.name = "form",
     .kind = choice,
     .words = "propeller|paddle",
     .help = "Blades on a standing shaft, or a paddle reel that lies along x"},
    {.name = "length",
     .kind = number,
     .least = 0.001,
     .most = big,
     .standard = 4,
     .help = "Of the paddle reel"},
    colour_field("#6d7780", "Of all of it")};
constexpr Field valve_fields[] = {
    {.name = "size",
     .kind = number,
     .least = 0.01,
     .most = 100,
     .standard = 0.5,
     .help = "Length between its flanges; the pipe lies along x"},
    {.name = "drive", .kind = choice, .words = "hand|motor", .help = "What stands on it"},
    colour_field("#8a4b3c", "Of the body")};
constexpr Field building_fields[] = {
    size("width", 10, "Along x"),
    size("length", 15, "Along z"),
    size("height", 5, "To the eaves"),
    {.name = "roof", .kind = choice, .words = "flat|gable|shed|none", .help = "Its form"},
    {.name = "roof_height",
     .kind = number,
     .least = 0.01,
     .most = 1000,
     .standard = 2,
     .help = "From the eaves to the ridge"},
    colour_field("#d9d4c7", "Of the walls"),
    {.name = "roof_colour", .kind = colour, .words = "#8b6a5c", .help = "Of the roof"},
    opacity_field};
constexpr Field tower_fields[] = {size("height", 40, "To the top of the vessel"),
                                  size("diameter", 14, "Of the vessel"),
                                  size("shaft", 4, "Diameter of the shaft"),
                                  size("vessel", 8, "Height of the vessel"),
                                  wall_field,
                                  colour_field("#c9ced4", "Of the shaft and the vessel"),
                                  water_field,
                                  level_field};
constexpr Field river_fields[] = {{.name = "points",
                                   .kind = points3,
                                   .required = true,
                                   .least = 2,
                                   .most = 1000,
                                   .help = "Its middle, downstream"},
                                  size("width", 20, "From bank to bank"),
                                  colour_field("#5d9cc0", "Of the water"),
                                  opacity_field};
constexpr Field area_fields[] = {
    {.name = "points",
     .kind = points2,
     .required = true,
     .least = 3,
     .most = 256,
     .help = "Corners on the ground, as (x, z), or (x, y) where up is z"},
    {.name = "height", .kind = number, .least = 0, .most = big, .help = "0: flat, seen from above"},
    colour_field("#a8b59a", "Of the area"),
    opacity_field};
constexpr Field label_fields[] = {
    {.name = "text",
     .kind = local_text,
     .required = true,
     .least = 1,
     .most = 1000,
     .help = "What it says"},
    {.name = "size",
     .kind = number,
     .least = 0.01,
     .most = 1000,
     .standard = 1,
     .help = "Height of a capital letter"},
    {.name = "face",
     .kind = choice,
     .words = "camera|fixed",
     .help = "Whether it turns to who looks at it; an exported file has it fixed"},
    colour_field("#2b3138", "Of the letters")};
constexpr Field arrow_fields[] = {size("length", 4, "Along x, its point at +x"),
                                  size("diameter", 0.5, "Of the shaft"),
                                  colour_field("#2f7fb5", "Of the arrow"), opacity_field};
constexpr Field tree_fields[] = {
    size("height", 8, "To the top"),
    {.name = "form", .kind = choice, .words = "round|conifer", .help = "Of its crown"},
    colour_field("#6f8f5f", "Of the crown")};
constexpr Field asset_fields[] = {
    {.name = "asset", .kind = id, .required = true, .help = "Name of an uploaded glTF or GLB file"},
    {.name = "node",
     .kind = text,
     .least = 1,
     .most = 256,
     .help = "Only the node of this name within it; left out: its default scene"}};

constexpr ObjectType shapes[] = {
    {"box", "A cuboid that stands on its middle", box_fields},
    {"cylinder", "A cylinder that stands on its middle", cylinder_fields},
    {"tank", "A round tank or a lying vessel, with what is in it", tank_fields},
    {"basin", "An open rectangular basin of one or more channels", basin_fields},
    {"clarifier", "A round clarifier with a scraper's bridge", clarifier_fields},
    {"filter", "An open gravity filter: walls, bed, troughs, water above the bed", filter_fields},
    {"pipe", "A pipe along points, with bends", pipe_fields},
    {"pump", "A pump with its motor; the shaft lies along x or stands", pump_fields},
    {"mixer", "A stirrer or a paddle reel", mixer_fields},
    {"valve", "A valve in a pipe along x", valve_fields},
    {"building", "A house that stands on its middle, the ridge along z", building_fields},
    {"tower", "A water tower", tower_fields},
    {"river", "A water surface along points", river_fields},
    {"area", "A piece of ground, water or a zone, of any outline", area_fields},
    {"label", "A text in the scene", label_fields},
    {"arrow", "An arrow along x", arrow_fields},
    {"tree", "A tree", tree_fields},
    {"asset", "A glTF file of one's own", asset_fields}};

constexpr Field condition_fields[] = {
    {.name = "op",
     .kind = choice,
     .required = true,
     .words = "==|!=|<|<=|>|>=|in",
     .help = "How the value is compared; of another type it is not met"},
    {.name = "value", .kind = scalar, .help = "With what; not with in"},
    {.name = "values", .kind = scalars, .help = "With in: any of these"}};
constexpr ObjectType condition = {"condition", "When something holds", condition_fields};

constexpr Field of_twin = {.name = "twin",
                           .kind = FieldKind::twin,
                           .help = "Left out: the node's, or its nearest parent's that has one"};
constexpr Field of_property = {.name = "property",
                               .kind = path,
                               .required = true,
                               .help = "Path of the twin's telemetry or property"};
constexpr Field of_part = {
    .name = "part", .kind = choice, .words = "body|water|all", .help = "What of the shape changes"};
constexpr Field of_stale = {
    .name = "stale", .kind = colour, .help = "Where the value is stale; left out: the scene's"};
constexpr Field of_bad = {
    .name = "bad",
    .kind = colour,
    .help = "Where its quality is bad or there is none; left out: the scene's"};

constexpr Field colour_bind[] = {
    of_property,
    of_twin,
    of_part,
    {.name = "stops", .kind = stops, .least = 1, .most = 100, .help = "Colours of numbers"},
    {.name = "smooth",
     .kind = flag,
     .help = "Mixes the colours between two stops; else a stop's holds up to the next"},
    {.name = "values", .kind = colours, .most = 100, .help = "Colours of texts and flags"},
    of_stale,
    of_bad};
constexpr Field fill_bind[] = {
    of_property,
    of_twin,
    {.name = "min", .kind = number, .least = -1e15, .most = 1e15, .help = "The value of empty"},
    {.name = "max",
     .kind = number,
     .required = true,
     .least = -1e15,
     .most = 1e15,
     .help = "The value of full"}};
constexpr Field spin_bind[] = {of_property,
                               of_twin,
                               {.name = "factor",
                                .kind = number,
                                .least = -1e9,
                                .most = 1e9,
                                .standard = 1,
                                .help = "Turns a minute for a value of 1 or true"}};
constexpr Field visible_bind[] = {of_property,
                                  of_twin,
                                  {.name = "when",
                                   .kind = object,
                                   .required = true,
                                   .type = &condition,
                                   .help = "It is shown while this holds"}};
constexpr Field flow_bind[] = {
    of_property,
    of_twin,
    {.name = "factor",
     .kind = number,
     .least = -1e9,
     .most = 1e9,
     .standard = 1,
     .help = "Metres a second for a value of 1 or true; below 0 turns the direction"}};
constexpr Field label_bind[] = {
    of_property,
    of_twin,
    {.name = "format",
     .kind = local_text,
     .least = 1,
     .most = 1000,
     .help = "{value}, {value:.2f}, {unit}, {name}, {quality}, {time}; left out: {value} {unit}"},
    {.name = "unit", .kind = text, .least = 0, .most = 32, .help = "What {unit} is"}};
constexpr Field badge_bind[] = {
    of_property,
    of_twin,
    {.name = "when",
     .kind = object,
     .required = true,
     .type = &condition,
     .help = "The badge is shown while this holds"},
    {.name = "severity",
     .kind = choice,
     .words = "warning|info|high|urgent",
     .help = "How it looks, by colour and form"},
    {.name = "text",
     .kind = local_text,
     .least = 1,
     .most = 1000,
     .help = "As the format of a label"},
    {.name = "unit", .kind = text, .least = 0, .most = 32, .help = "What {unit} is"}};

constexpr ObjectType bindings[] = {
    {"colour", "Colour by value", colour_bind},
    {"fill", "How full it is: 0 at min, 1 at max", fill_bind},
    {"spin", "How fast its moving part turns", spin_bind},
    {"visible", "Whether it is shown", visible_bind},
    {"flow", "Direction and speed of what flows along it", flow_bind},
    {"label", "A text with the value", label_bind},
    {"badge", "A mark while something holds", badge_bind}};

constexpr Field drawing_fields[] = {
    {.name = "position", .kind = vector2, .help = "Middle of the symbol, y downwards"},
    {.name = "symbol",
     .kind = choice,
     .words = "auto|none|box|tank|basin|clarifier|filter|pump|mixer|valve|building|tower|river|"
              "meter|blower|dosing|label|line|area",
     .help = "auto: by the shape"},
    {.name = "size", .kind = vector2, .help = "Width and height; left out: the symbol's own"},
    {.name = "rotation", .kind = choice, .words = "0|90|180|270", .help = "Degrees, clockwise"},
    {.name = "label",
     .kind = choice,
     .words = "below|above|left|right|inside|none",
     .help = "Where name and values stand"},
    {.name = "path", .kind = points2, .least = 2, .most = 1000, .help = "Of a line"},
    {.name = "from", .kind = id, .help = "Node where a line begins"},
    {.name = "to", .kind = id, .help = "Node where a line ends"}};
constexpr ObjectType drawing = {"schematic of a node", "Its place in the 2D drawing",
                                drawing_fields};

constexpr Field node_fields[] = {
    {.name = "id", .kind = id, .required = true, .help = "Unique in the scene"},
    {.name = "name",
     .kind = local_text,
     .least = 0,
     .most = 256,
     .help = "For people; left out: the id"},
    {.name = "parent", .kind = id, .help = "Node whose transform it follows"},
    {.name = "layer", .kind = id, .help = "Left out: the parent's"},
    {.name = "twin", .kind = twin, .help = "Whose values its bindings take"},
    {.name = "position", .kind = vector3, .help = "m, within the parent"},
    {.name = "rotation",
     .kind = vector3,
     .help = "Degrees about x, y and z, in this order about the fixed axes of the parent"},
    {.name = "quaternion", .kind = quaternion, .help = "Instead of rotation"},
    {.name = "scale", .kind = scale, .help = "Of it and its children"},
    {.name = "visible", .kind = flag, .standard = 1, .help = "With its children"},
    {.name = "selectable",
     .kind = flag,
     .standard = 1,
     .help = "Whether a click opens its faceplate"},
    {.name = "shape", .kind = one_of, .types = shapes, .help = "Left out: a group"},
    {.name = "bindings",
     .kind = list_of,
     .most = 64,
     .types = bindings,
     .help = "What follows values"},
    {.name = "schematic", .kind = object, .type = &drawing, .help = "Left out: not in the drawing"},
    {.name = "extras", .kind = free, .most = 16'384, .help = "Of one's own"}};
constexpr ObjectType node = {"node", "A thing in the scene", node_fields};

constexpr Field layer_fields[] = {
    {.name = "id", .kind = id, .required = true, .help = "Unique among the layers"},
    {.name = "name", .kind = local_text, .least = 0, .most = 256, .help = "For people"},
    {.name = "visible", .kind = flag, .standard = 1, .help = "At first"}};
constexpr ObjectType layer = {"layer", "What is shown and hidden together", layer_fields};

constexpr Field view_fields[] = {
    {.name = "id", .kind = id, .required = true, .help = "Unique among the views"},
    {.name = "name", .kind = local_text, .least = 0, .most = 256, .help = "For people"},
    {.name = "position", .kind = vector3, .required = true, .help = "Of the eye"},
    {.name = "target", .kind = vector3, .required = true, .help = "What it looks at"},
    {.name = "fov",
     .kind = number,
     .least = 1,
     .most = 150,
     .standard = 45,
     .help = "Degrees from bottom to top"}};
constexpr ObjectType view = {"view", "A camera", view_fields};

constexpr Field ground_fields[] = {
    {.name = "size", .kind = vector2, .help = "m; left out: as the scene needs"},
    {.name = "level", .kind = number, .least = -far, .most = far, .help = "Height of the ground"},
    colour_field("#b9c4ae", "Of the ground")};
constexpr ObjectType ground = {"ground", "The plane on which all stands", ground_fields};
constexpr Field grid_fields[] = {
    {.name = "step", .kind = number, .least = 0.01, .most = 1e5, .standard = 10, .help = "m"},
    colour_field("#aab4a0", "Of the lines")};
constexpr ObjectType grid = {"grid", "Lines on the ground", grid_fields};
constexpr Field sun_fields[] = {{.name = "azimuth",
                                 .kind = number,
                                 .least = 0,
                                 .most = 360,
                                 .standard = 150,
                                 .help = "Degrees from north, clockwise"},
                                {.name = "elevation",
                                 .kind = number,
                                 .least = 0,
                                 .most = 90,
                                 .standard = 50,
                                 .help = "Degrees above the horizon"},
                                {.name = "intensity",
                                 .kind = number,
                                 .least = 0,
                                 .most = 100,
                                 .standard = 3,
                                 .help = "Of a directional light, in lux as glTF counts them"}};
constexpr ObjectType sun = {"sun", "The light", sun_fields};
constexpr Field environment_fields[] = {
    {.name = "background", .kind = colour, .words = "#e4ebf0", .help = "Behind all"},
    {.name = "ground", .kind = object, .type = &ground, .help = "Left out: none"},
    {.name = "grid", .kind = object, .type = &grid, .help = "Left out: none"},
    {.name = "sun", .kind = object, .type = &sun, .help = "Left out: the standards"}};
constexpr ObjectType environment = {"environment", "What is around", environment_fields};

constexpr Field quality_fields[] = {
    {.name = "stale", .kind = colour, .words = "#9aa3ab", .help = "Older than it may be"},
    {.name = "bad", .kind = colour, .words = "#b04bc0", .help = "Of bad quality, or no value"},
    {.name = "uncertain", .kind = colour, .help = "Left out: as good"}};
constexpr ObjectType quality = {"quality", "Colours of values that are not good", quality_fields};

constexpr Field place_fields[] = {
    {.name = "latitude",
     .kind = number,
     .required = true,
     .least = -90,
     .most = 90,
     .help = "Degrees (WGS 84) of the origin"},
    {.name = "longitude",
     .kind = number,
     .required = true,
     .least = -180,
     .most = 180,
     .help = "Degrees"},
    {.name = "elevation", .kind = number, .least = -1e4, .most = 1e5, .help = "m above the sea"},
    {.name = "heading",
     .kind = number,
     .least = 0,
     .most = 360,
     .help = "Degrees from north, clockwise, of the axis -z, or +y where up is z"}};
constexpr ObjectType place = {"georeference", "Where on Earth it is", place_fields};

constexpr Field sheet_fields[] = {
    {.name = "size", .kind = vector2, .required = true, .help = "Width and height of the sheet"},
    {.name = "background", .kind = colour, .help = "Left out: the page's own"}};
constexpr ObjectType sheet = {"schematic", "The 2D drawing's sheet", sheet_fields};

constexpr Field scene_fields[] = {
    {.name = "format", .kind = choice, .required = true, .words = scene_format, .help = "This one"},
    {.name = "name", .kind = local_text, .least = 0, .most = 256, .help = "For people"},
    {.name = "description", .kind = local_text, .least = 0, .most = 16'384, .help = "For people"},
    {.name = "site", .kind = twin, .help = "The twin it is of; left out: whose it is stored under"},
    {.name = "units", .kind = choice, .words = "m", .help = "All lengths are metres"},
    {.name = "up", .kind = choice, .words = "y|z", .help = "The axis that points up"},
    {.name = "georeference", .kind = object, .type = &place, .help = "Left out: not known"},
    {.name = "environment",
     .kind = object,
     .type = &environment,
     .help = "Left out: the standards"},
    {.name = "quality", .kind = object, .type = &quality, .help = "Left out: the standards"},
    {.name = "views", .kind = list, .most = 100, .type = &view, .help = "The first is shown first"},
    {.name = "layers", .kind = list, .most = 100, .type = &layer, .help = "Nodes may be on one"},
    {.name = "schematic", .kind = object, .type = &sheet, .help = "Left out: no drawing"},
    {.name = "nodes", .kind = list, .most = 20'000, .type = &node, .help = "What is in it"},
    {.name = "extras", .kind = free, .most = 16'384, .help = "Of one's own"}};
constexpr ObjectType scene = {"scene", "A scene", scene_fields};

}  // namespace

const Field* ObjectType::find(std::string_view field) const {
    for (const auto& known : fields)
        if (known.name == field) return &known;
    return nullptr;
}

const ObjectType& scene_type() {
    return scene;
}
const ObjectType& node_type() {
    return node;
}
std::span<const ObjectType> shape_types() {
    return shapes;
}
std::span<const ObjectType> binding_types() {
    return bindings;
}
const ObjectType* shape_type(std::string_view kind) {
    for (const auto& shape : shapes)
        if (shape.name == kind) return &shape;
    return nullptr;
}

}  // namespace hw::twin
