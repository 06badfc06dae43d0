#pragma once

/* Functions of one's own for Headworks' SQL, as a shared library. See docs/user_functions.md.

   A library exports headworks_function_abi and headworks_register. It is loaded once, when the
   server starts, and its functions run inside the server, on several threads at once: one that
   crashes takes the server with it, one that never returns stops the rules of its thread. Code that
   is not trusted so far belongs into a worker program instead. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEADWORKS_FUNCTION_ABI 1

/* One argument. It and the texts read from it live until the function returns. */
typedef struct headworks_value headworks_value;
/* One call: takes the answer or the error. */
typedef struct headworks_call headworks_call;
/* Takes the functions of a library, while headworks_register runs. */
typedef struct headworks_registry headworks_registry;

typedef enum headworks_kind {
    HEADWORKS_NULL = 0,
    HEADWORKS_BOOLEAN = 1,
    HEADWORKS_INTEGER = 2,
    HEADWORKS_REAL = 3,
    HEADWORKS_TIME = 4, /* ns since 1970-01-01T00:00:00Z */
    HEADWORKS_TEXT = 5, /* UTF-8, not ended by a zero byte */
    HEADWORKS_BYTES = 6,
    HEADWORKS_ARRAY = 7,
    HEADWORKS_OBJECT = 8
} headworks_kind;

struct headworks_function;

/* What the server offers. Reading a value as a kind that it is not yields 0 or NULL; only numbers
   convert. Of the set functions and fail the last call counts; without any the answer is null. */
typedef struct headworks_api {
    uint32_t abi;  /* HEADWORKS_FUNCTION_ABI of the server */
    uint32_t size; /* sizeof of this struct there; later versions add to the end */

    headworks_kind (*kind)(const headworks_value* value);
    int (*boolean)(const headworks_value* value);
    int64_t (*integer)(
        const headworks_value* value); /* a real is cut, at most to the range's end */
    double (*real)(const headworks_value* value);
    int64_t (*time)(const headworks_value* value);
    const char* (*text)(const headworks_value* value, size_t* size); /* of bytes too */
    size_t (*count)(const headworks_value* value); /* items of an array, members of an object */
    const headworks_value* (*item)(const headworks_value* value, size_t index); /* from 0; either */
    const char* (*key)(const headworks_value* value, size_t index, size_t* size);
    const headworks_value* (*member)(const headworks_value* value, const char* key);

    void (*set_null)(headworks_call* call);
    void (*set_boolean)(headworks_call* call, int boolean);
    void (*set_integer)(headworks_call* call, int64_t integer);
    void (*set_real)(headworks_call* call, double real);
    void (*set_time)(headworks_call* call, int64_t ns);
    void (*set_text)(headworks_call* call, const char* text, size_t size);
    void (*set_bytes)(headworks_call* call, const void* bytes, size_t size);
    void (*set_value)(headworks_call* call, const headworks_value* value); /* as an argument is */
    void (*set_json)(headworks_call* call, const char* json, size_t size); /* arrays, objects */
    /* The row fails with this text, ended by a zero byte: "the gauge is negative". */
    void (*fail)(headworks_call* call, const char* text);

    int64_t (*now)(const headworks_call* call); /* ns; the clock of the run */

    /* 0: taken. Otherwise the server does not load the library and tells why in its log. */
    int (*add)(headworks_registry* registry, const struct headworks_function* function);
} headworks_api;

typedef void (*headworks_scalar)(const headworks_api* api, headworks_call* call,
                                 const headworks_value* const* arguments, size_t count);

/* An aggregate. Its state is a plain block of bytes that the server keeps, copies and writes to its
   checkpoints: no pointers in it, and a new state_bytes or meaning needs a new function name. */
typedef struct headworks_aggregate {
    size_t state_bytes;         /* 1 to 65536; aligned for any type */
    void (*begin)(void* state); /* the state is zeroed already; may be NULL */
    void (*add)(const headworks_api* api, headworks_call* call, void* state,
                const headworks_value* const* arguments, size_t count); /* sets no answer */
    /* Adds `later`, of rows after those of `state`. NULL: cannot; windows that overlap cost more.
     */
    void (*merge)(void* state, const void* later);
    void (*result)(const headworks_api* api, headworks_call* call, const void* state);
} headworks_aggregate;

/* One function. The server copies all but what the pointers to functions point to. */
typedef struct headworks_function {
    const char* name;      /* lower case letters, digits and '_', at most 64 */
    const char* signature; /* "weir_flow(level_m, width_m)" */
    const char* help;      /* what it gives, units, nulls, limits */
    uint32_t least_arguments;
    uint32_t most_arguments; /* 255: any number */
    int sees_nulls;          /* 0: a null argument makes the answer null, or skips the row */
    int pure;                /* 1: same arguments, same answer */
    headworks_scalar scalar; /* this, */
    const headworks_aggregate* aggregate; /* or this; the other is NULL */
} headworks_function;

/* To be exported by the library. */
uint32_t headworks_function_abi(void); /* returns HEADWORKS_FUNCTION_ABI */
/* Adds its functions by api->add; returns 0, or another number where it cannot work here. `api`
   lives as long as the process. */
int headworks_register(const headworks_api* api, headworks_registry* registry);

#ifdef __cplusplus
}
#endif
