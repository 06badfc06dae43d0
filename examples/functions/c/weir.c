#include <math.h>
#include <stddef.h>

#include "headworks_function.h"

/* weir_flow(level_m, width_m): the flow in m3/s over a sharp-crested rectangular weir by Rehbock's
   formula with the height of the crest far above the bottom: q = 2/3 Cd b sqrt(2 g) h^1.5. */
static void weir_flow(const headworks_api* api, headworks_call* call,
                      const headworks_value* const* arguments, size_t count) {
    (void)count;
    const double level = api->real(arguments[0]);
    const double width = api->real(arguments[1]);
    if (level < 0) {
        api->set_real(call, 0);
        return;
    }
    if (!(width > 0)) {
        api->fail(call, "the width must be above 0 m");
        return;
    }
    const double head = level + 0.0011;
    api->set_real(call, 2.0 / 3.0 * 0.602 * width * sqrt(2 * 9.80665) * head * sqrt(head));
}

/* peak_to_mean(value): the greatest value over the mean, the peak factor of a day's demand. */
typedef struct peak_state {
    double sum;
    double peak;
    int64_t count;
} peak_state;

static void peak_add(const headworks_api* api, headworks_call* call, void* state,
                     const headworks_value* const* arguments, size_t count) {
    (void)count;
    const headworks_kind kind = api->kind(arguments[0]);
    if (kind != HEADWORKS_INTEGER && kind != HEADWORKS_REAL) {
        api->fail(call, "the value must be a number");
        return;
    }
    peak_state* peak = state;
    const double value = api->real(arguments[0]);
    if (peak->count == 0 || value > peak->peak) peak->peak = value;
    peak->sum += value;
    ++peak->count;
}

static void peak_merge(void* state, const void* later) {
    peak_state* peak = state;
    const peak_state* other = later;
    if (other->count == 0) return;
    if (peak->count == 0 || other->peak > peak->peak) peak->peak = other->peak;
    peak->sum += other->sum;
    peak->count += other->count;
}

static void peak_result(const headworks_api* api, headworks_call* call, const void* state) {
    const peak_state* peak = state;
    if (peak->count > 0 && peak->sum != 0)
        api->set_real(call, peak->peak * (double)peak->count / peak->sum);
}

static const headworks_aggregate peak_to_mean = {
    sizeof(peak_state), NULL, peak_add, peak_merge, peak_result,
};

static const headworks_function functions[] = {
    {"weir_flow", "weir_flow(level_m, width_m)",
     "The flow in m3/s over a sharp-crested rectangular weir.", 2, 2, 0, 1, weir_flow, NULL},
    {"peak_to_mean", "peak_to_mean(value)",
     "The greatest value over the mean; null where the sum is 0.", 1, 1, 0, 0, NULL, &peak_to_mean},
};

uint32_t headworks_function_abi(void) {
    return HEADWORKS_FUNCTION_ABI;
}

int headworks_register(const headworks_api* api, headworks_registry* registry) {
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i)
        if (api->add(registry, &functions[i]) != 0) return 1;
    return 0;
}
