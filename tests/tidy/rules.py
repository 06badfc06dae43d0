"""The house rules. Each yields findings; each has its test in rules_test.py."""

import ast
import re

from source import Finding

COLUMNS_LIMIT = 100
FILE_LINES_LIMIT = 800
TEST_FILE_LINES_LIMIT = 1200
FUNCTION_LINES_LIMIT = 70
MACROS_LIMIT = 20
FILE_BYTES_LIMIT = 400_000

FILE_RULES = []
TREE_RULES = []


def file_rule(rule):
    FILE_RULES.append(rule)
    return rule


def tree_rule(rule):
    TREE_RULES.append(rule)
    return rule


@file_rule
def columns(source):
    if not source.is_code:
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_LIMIT and "://" not in line:
            yield Finding("columns", source.path, number,
                          f"{len(line)} columns, at most {COLUMNS_LIMIT}; break the line")


@file_rule
def file_length(source):
    if not source.is_code:
        return
    limit = TEST_FILE_LINES_LIMIT if source.is_test else FILE_LINES_LIMIT
    count = source.text.count("\n")
    if count > limit:
        yield Finding("file-length", source.path, 1,
                      f"{count} lines, at most {limit}; split it by concern")


@file_rule
def whitespace(source):
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield Finding("whitespace", source.path, number, "white space at the end; remove it")
        if source.is_cpp and "\t" in line:
            yield Finding("whitespace", source.path, number, "tab; write four spaces or \\t")
    if source.text and not source.text.endswith("\n"):
        yield Finding("whitespace", source.path, len(source.lines), "no newline at the end; add it")


@file_rule
def pragma_once(source):
    if source.suffix == ".h" and source.lines[0] != "#pragma once":
        yield Finding("pragma-once", source.path, 1, "the first line must be '#pragma once'")


# What is banned, in which files, and what to write instead.
def in_library(source):
    return source.path.startswith("src/") and not source.is_test and not is_app(source)


def is_app(source):
    return source.path.startswith("src/app/")


def in_cpp_test(source):
    return source.is_test and not source.path.endswith("_bench.cpp")


def anywhere(_source):
    return True


BANNED = [
    (r"\bv?sprintf\s*\(", anywhere, "sprintf; use fmt::format or fmt::format_to"),
    (r"\bstr(n?cpy|n?cat|tok)\s*\(", anywhere, "C string calls; use std::string or std::memcpy"),
    (r"(?<![\w.>])s?rand\s*\(|std::(mt19937|random_device|\w+_distribution)\b", anywhere,
     "randomness that no seed reproduces; use hw::Random"),
    (r"\b(secure_)?getenv\s*\(", lambda source: not is_app(source),
     "getenv; let app read it and hand it in"),
    (r"\bstd::w?regex\b|#include <regex>", anywhere, "std::regex; write a small scanner"),
    (r"\busing namespace\b", anywhere, "using namespace; name what you use"),
    (r"\bstd::(cout|cerr|clog)\b|(?<![\w:.])(std::)?printf\s*\(", in_library,
     "output from a library; return it, or use hw::log"),
    (r"\bstd::endl\b", anywhere, "std::endl; write '\\n'"),
    (r"(?<![\w.>])(sleep|usleep|nanosleep)\s*\(|\bsleep_(for|until)\s*\(", in_cpp_test,
     "sleep in a test; hand in hw::ManualClock or wait for the event itself"),
    (r"(?<![\w.>])(std::)?(ato[ifl]+|strto\w+)\s*\(|\bstd::sto(i|l|ll|ul|ull|f|d)\s*\(", in_library,
     "number parsing that hides errors; use std::from_chars"),
    (r"(?<![\w.>])(std::)?(localtime|gmtime|asctime|ctime|mktime)(_r)?\s*\(", anywhere,
     "C calendar; use base/time.h"),
    (r"(?<![\w.>])assert\s*\(", anywhere, "assert; use HW_ASSERT, which stays on in release"),
    (r"\bstd::(recursive_|shared_)?mutex\b|\bstd::(lock_guard|scoped_lock|unique_lock)\b",
     lambda source: source.path != "src/base/mutex.h",
     "a lock that the compiler cannot check; use hw::Mutex and hw::MutexLock"),
    (r"\[\[clang::(pt_)?(guarded_by|requires|acquire|release|excludes)", anywhere,
     "an attribute that clang does not read there; use HW_LOCKING of base/mutex.h"),
    (r"\{(?:[^{};()]|\([^()]*\))*,\s*HW_TRY\(|\{HW_TRY\(.*,\s*HW_TRY\(", anywhere,
     "HW_TRY behind others in braces, which GCC leaks on its return; read into a name first"),
    (r"\bsystem\s*\(", in_library, "system(); nothing starts a shell"),
]
BANNED = [(re.compile(pattern), where, why) for pattern, where, why in BANNED]


@file_rule
def banned(source):
    if not source.is_cpp:
        return
    for number, line in enumerate(source.code_lines, 1):
        for pattern, where, why in BANNED:
            if where(source) and pattern.search(line):
                yield Finding("banned", source.path, number, why)


# Spelled apart, so that this file does not find itself.
LEFTOVERS = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"])
                       + r")\b|\bDISABLED" r"_\w")


@file_rule
def leftovers(source):
    for number, line in enumerate(source.lines, 1):
        if LEFTOVERS.search(line):
            yield Finding("leftovers", source.path, number,
                          "a leftover; do it now or leave the line out")


# The product speaks of itself alone.
WORKPLACE = re.compile("|".join([
    r"(?<![\w.-])/wo" r"rk/", r"\.\./sha" r"red/", r"\banch" r"ors/", r"\bBRI" r"EF\.md\b",
    r"\b(?i:anth" r"ropic|chat" r"gpt|cla" r"ude)\b"]))


@file_rule
def workplace(source):
    for number, line in enumerate(source.lines, 1):
        if WORKPLACE.search(line):
            yield Finding("workplace", source.path, number,
                          "words of the workplace; say it in words of the product")


HEAVY = re.compile(r'#include\s*[<"](boost/|openssl/|rocksdb/|simdjson|toml\+\+|spdlog/|CLI/|zstd)')


@file_rule
def heavy_headers(source):
    if source.suffix != ".h":
        return
    for number, line in enumerate(source.lines, 1):
        if HEAVY.search(line):
            yield Finding("heavy-headers", source.path, number,
                          "a heavy header in a header; include it in the .cpp and hide it there")


@file_rule
def own_header_first(source):
    if source.suffix != ".cpp" or not source.path.startswith("src/"):
        return
    stem = re.sub(r"(_test)?\.cpp$", "", source.path[len("src/"):])
    includes = re.findall(r'^#include\s*([<"][^>"]+[>"])', source.text, re.MULTILINE)
    own = f'"{stem}.h"'
    if own in includes and includes[0] != own:
        yield Finding("own-header-first", source.path, 1, f"#include {own} must be the first")
    for include in includes:
        if include.startswith('"') and ("/" not in include or include.startswith('".')):
            yield Finding("own-header-first", source.path, 1,
                          f"#include {include} is not written from the root of src/")


NOT_A_FUNCTION = re.compile(
    r"^\s*(if|else|for|while|do|switch|catch|try|namespace|class|struct|union|enum|return"
    r"|requires|co_await|co_return)\b")
LAMBDA_END = re.compile(r"\[[^\[\]]*\]\s*(\([^()]*\))?[^(){};]*$")


PREPROCESSOR = re.compile(r"^\s*#[^\n]*$", re.MULTILINE)
ACCESS = re.compile(r"^(\s*(public|private|protected)\s*:(?!:))+")
MEMBER_INITIALIZER = re.compile(r"\)[^;]*[:,]\s*[\w:<>, ]+$")


def cpp_functions(code):
    """(name, first line, last line) of each outermost function body; lambdas and local classes
    count as lines of the function around them."""
    line = 1
    open_braces = []  # (kind, first line, name); kinds: function, initializer, other
    head_begin = 0
    for offset, c in enumerate(code):
        if c == "\n":
            line += 1
        elif c == "{":
            inside = any(kind == "function" for kind, _, _ in open_braces)
            head = ACCESS.sub("", PREPROCESSOR.sub("", code[head_begin:offset]))
            kind = "other" if inside else kind_of_brace(head)
            name = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
            open_braces.append((kind, line - head.strip().count("\n"),
                                name.group(1) if name else ""))
            if kind != "initializer":
                head_begin = offset + 1
        elif c == "}" and open_braces:
            kind, first, name = open_braces.pop()
            if kind == "function":
                yield name, first, line
            if kind != "initializer":
                head_begin = offset + 1
        elif c == ";":
            head_begin = offset + 1


def kind_of_brace(head):
    if "(" not in head or NOT_A_FUNCTION.match(head) or LAMBDA_END.search(head):
        return "other"
    if MEMBER_INITIALIZER.search(head):
        return "initializer"
    # `x = {` and `call({` are no bodies.
    return "other" if re.search(r"(=|\(|,|return)\s*$", head) else "function"


@file_rule
def function_length(source):
    functions = []
    if source.is_cpp:
        functions = cpp_functions(source.code)
    elif source.suffix == ".py":
        functions = ((node.name, node.lineno, node.end_lineno)
                     for node in ast.walk(ast.parse(source.text))
                     if isinstance(node, ast.FunctionDef))
    for name, first, last in functions:
        count = last - first + 1
        if count > FUNCTION_LINES_LIMIT:
            yield Finding("function-length", source.path, first,
                          f"{name} has {count} lines, at most {FUNCTION_LINES_LIMIT}; split it, "
                          "or list it with a reason in tests/tidy/exceptions.txt", name)


@file_rule
def lambda_coroutines(source):
    """The frame of a coroutine keeps the parameters, but not the lambda's captures."""
    if not source.is_cpp:
        return
    for match in re.finditer(r"(?<![\w\])\[])\[[^\[\]]+\]\s*(\([^()]*\)[^;{}]*)?\{", source.code):
        depth = 1
        end = match.end()
        while end < len(source.code) and depth > 0:
            depth += {"{": 1, "}": -1}.get(source.code[end], 0)
            end += 1
        if re.search(r"\bco_(await|return|yield)\b", source.code[match.end():end]):
            yield Finding("lambda-coroutines", source.path, source.line_of(match.start()),
                          "a coroutine lambda with captures; pass them as parameters")


@file_rule
def file_bytes(source):
    if source.size > FILE_BYTES_LIMIT:
        yield Finding("file-bytes", source.path, 1,
                      f"{source.size} bytes, at most {FILE_BYTES_LIMIT}; keep data elsewhere")


@tree_rule
def macros(sources):
    found = [(source, number) for source in sources if source.is_cpp
             for number, line in enumerate(source.code_lines, 1)
             if re.match(r"\s*#\s*define\s+\w+\(", line)]
    for source, number in found[MACROS_LIMIT:]:
        yield Finding("macros", source.path, number,
                      f"{len(found)} function-like macros in the repository, at most "
                      f"{MACROS_LIMIT}; write a function")


@tree_rule
def dead_files(sources):
    included = {name for source in sources if source.is_cpp
                for name in re.findall(r'#include\s*[<"]([^<>"]+)[>"]', source.text)}
    rooms = room_names(sources)
    for source in sources:
        if source.suffix == ".h" and not any(
                source.path == name or source.path.endswith("/" + name) for name in included):
            yield Finding("dead-files", source.path, 1, "no file includes it; remove it")
        if source.is_cpp and source.path.startswith("src/"):
            folder = source.path[len("src/"):].rpartition("/")[0]
            if folder not in rooms:
                yield Finding("dead-files", source.path, 1,
                              "in no room of src/layers.txt, so nothing builds it")


def room_names(sources):
    for source in sources:
        if source.path == "src/layers.txt":
            return [line for line in map(str.strip, source.lines)
                    if line and not line.startswith("#")]
    return []
