#!/usr/bin/env python3
"""Each rule finds what it is for and lets pass what it is not for."""

import unittest

import rules
from source import Source, blank_cpp
from tidy import except_listed, find


def found(rule, path, text, **more):
    return [finding.line for finding in rule(Source(path, text, **more))]


class Columns(unittest.TestCase):
    def test_finds_long_lines_of_code(self):
        self.assertEqual(found(rules.columns, "src/a.cpp", "x" * 100 + "\n" + "x" * 101), [2])
        self.assertEqual(found(rules.columns, "run", "#!/bin/bash\n" + "x" * 101), [2])
        self.assertEqual(found(rules.columns, "src/CMakeLists.txt", "x" * 101), [1])

    def test_counts_characters_and_spares_prose_and_addresses(self):
        self.assertEqual(found(rules.columns, "src/a.cpp", "ü" * 100), [])
        self.assertEqual(found(rules.columns, "README.md", "x" * 500), [])
        self.assertEqual(found(rules.columns, "src/a.h", "// https://" + "x" * 100), [])


class FileLength(unittest.TestCase):
    def test_gives_tests_more_room(self):
        self.assertEqual(found(rules.file_length, "src/base/a.cpp", "\n" * 800), [])
        self.assertEqual(found(rules.file_length, "src/base/a.cpp", "\n" * 801), [1])
        self.assertEqual(found(rules.file_length, "src/base/a_test.cpp", "\n" * 1200), [])
        self.assertEqual(found(rules.file_length, "src/base/a_test.cpp", "\n" * 1201), [1])
        self.assertEqual(found(rules.file_length, "docs/a.md", "\n" * 9000), [])


class Whitespace(unittest.TestCase):
    def test_finds_it_at_the_end(self):
        self.assertEqual(found(rules.whitespace, "a.md", "a \nb\n"), [1])
        self.assertEqual(found(rules.whitespace, "a.md", "a\nb"), [2])
        self.assertEqual(found(rules.whitespace, "a.md", ""), [])

    def test_finds_tabs_in_code(self):
        self.assertEqual(found(rules.whitespace, "a.cpp", "\tint a;\n"), [1])
        self.assertEqual(found(rules.whitespace, "Makefile", "\tcc\n"), [])


class PragmaOnce(unittest.TestCase):
    def test_wants_it_first(self):
        self.assertEqual(found(rules.pragma_once, "src/a.h", "#pragma once\n"), [])
        self.assertEqual(found(rules.pragma_once, "src/a.h", "#ifndef A_H\n"), [1])
        self.assertEqual(found(rules.pragma_once, "src/a.cpp", "int a;\n"), [])


class Banned(unittest.TestCase):
    def breach(self, line, path="src/broker/a.cpp"):
        return bool(found(rules.banned, path, line + "\n"))

    def test_finds_each(self):
        for line in ["sprintf(b, x);", "std::vsprintf(b, x);", "strcpy(a, b);", "strtok(a, b);",
                     "int i = rand();", "srand(1);", "std::mt19937 g;", "std::getenv(x);",
                     "std::regex r;", "#include <regex>", "using namespace std;",
                     "std::cout << 1;", "printf(x);", "std::printf(x);", "a << std::endl;",
                     "atoi(x);", "std::stoi(x);", "strtoull(x, 0, 0);", "gmtime_r(a, b);",
                     "assert(x);", "std::mutex m;", "std::lock_guard lock(m);", "system(x);",
                     "int a [[clang::guarded_by(m)]];", "list.push_back({key, HW_TRY(read())});",
                     "return A{HW_TRY(one()), HW_TRY(two())};"]:
            self.assertTrue(self.breach(line), line)

    def test_every_ban_names_its_replacement(self):
        for _, _, why in rules.BANNED:
            self.assertIn(";", why)

    def test_spares_what_only_looks_alike(self):
        for line in ["operand(1);", "random.rand();", "std::snprintf(b, n, x);", "// rand()",
                     'text("sprintf(");', "static_assert(x);", "HW_ASSERT(x);", "fprintf(f, x);",
                     "ecosystem(x);", "a.assert(b);", "mutex_.lock();",
                     "list.push_back(HW_TRY(read()));", "if (a) { call(b, HW_TRY(c())); }"]:
            self.assertFalse(self.breach(line), line)

    def test_knows_where_things_are_allowed(self):
        self.assertFalse(self.breach("getenv(x);", "src/app/main.cpp"))
        self.assertFalse(self.breach("std::cout << 1;", "src/app/main.cpp"))
        self.assertFalse(self.breach("std::mutex m;", "src/base/mutex.h"))
        self.assertTrue(self.breach("std::this_thread::sleep_for(x);", "src/io/a_test.cpp"))
        self.assertTrue(self.breach("sleep(1);", "tests/system/a.cpp"))
        self.assertFalse(self.breach("std::this_thread::sleep_for(x);", "src/io/a.cpp"))


class Leftovers(unittest.TestCase):
    def test_finds_them_everywhere(self):
        for word in ["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]:
            self.assertEqual(found(rules.leftovers, "a.md", f"// {word}: later\n"), [1])
        self.assertEqual(found(rules.leftovers, "a.cpp", "TEST(A, DISABLED" "_B) {}\n"), [1])
        self.assertEqual(found(rules.leftovers, "a.sh", "mktemp XX" "XXXX; hacks\n"), [])


class Workplace(unittest.TestCase):
    def test_finds_words_of_the_workplace(self):
        self.assertEqual(found(rules.workplace, "a.md", "see /wo" "rk/x\n"), [1])
        self.assertEqual(found(rules.workplace, "a.md", "see ../sha" "red/x\n"), [1])
        self.assertEqual(found(rules.workplace, "a.md", "framework/x and shared/x, the work\n"),
                         [])


class HeavyHeaders(unittest.TestCase):
    def test_keeps_them_behind_walls(self):
        self.assertEqual(found(rules.heavy_headers, "a.h", "#include <boost/asio.hpp>\n"), [1])
        self.assertEqual(found(rules.heavy_headers, "a.cpp", "#include <boost/asio.hpp>\n"), [])
        self.assertEqual(found(rules.heavy_headers, "a.h", '#include "base/time.h"\n'), [])


class OwnHeaderFirst(unittest.TestCase):
    def test_wants_it_first_and_from_the_root(self):
        good = '#include "io/a.h"\n\n#include <vector>\n'
        self.assertEqual(found(rules.own_header_first, "src/io/a.cpp", good), [])
        late = '#include <vector>\n#include "io/a.h"\n'
        self.assertEqual(found(rules.own_header_first, "src/io/a_test.cpp", late), [1])
        self.assertEqual(found(rules.own_header_first, "src/io/b.cpp", late), [])
        self.assertEqual(found(rules.own_header_first, "src/io/b.cpp", '#include "a.h"\n'), [1])


def body(lines):
    return "{\n" + "    x();\n" * (lines - 2) + "}\n"


class FunctionLength(unittest.TestCase):
    def test_finds_long_bodies(self):
        for head in ["void f() ", "Result<int> A::f(int a) const ", "int operator()(int a) ",
                     "TEST(A, B) ", "class A {\n  public:\n    void f() ",
                     "namespace a {\nA::A(int b)\n    : b_(b), c_{b} ",
                     "auto f() -> int ", "extern \"C\" int f(int a) ",
                     "template <class T>\n    requires(sizeof(T) > 1)\nvoid f() "]:
            self.assertEqual(len(found(rules.function_length, "a.cpp", head + body(70))),
                             1 if "\n    :" in head or "template" in head else 0, head)
            self.assertEqual(len(found(rules.function_length, "a.cpp", head + body(71))), 1, head)

    def test_counts_lambdas_in_the_function_around_them(self):
        inner = "    const auto g = [&](int a) " + body(40)
        text = "void f() {\n" + inner + inner + "}\n"
        self.assertEqual(found(rules.function_length, "a.cpp", text), [1])

    def test_spares_what_is_no_function(self):
        for head in ["namespace a ", "struct A ", "enum class A : int ", "constexpr int a[] = ",
                     "const std::array<int, f(3)> a = ", "extern \"C\" ", "class A final : B "]:
            self.assertEqual(found(rules.function_length, "a.cpp", head + body(200)), [], head)

    def test_reads_past_braces_in_literals_and_comments(self):
        text = "void f() {\n" + "    c = '{'; // {\n    s = \"{\";\n" * 10 + "}\n" + "int a;\n" * 80
        self.assertEqual(found(rules.function_length, "a.cpp", text), [])

    def test_measures_python_too(self):
        text = "def f():\n" + "    x = 1\n" * 70
        self.assertEqual(found(rules.function_length, "a.py", text), [1])


class LambdaCoroutines(unittest.TestCase):
    def test_finds_captures(self):
        self.assertEqual(found(rules.lambda_coroutines, "a.cpp",
                               "spawn([self]() -> Task {\n  co_await x();\n});\n"), [1])
        self.assertEqual(found(rules.lambda_coroutines, "a.cpp",
                               "spawn([&] {\n  co_return;\n});\n"), [1])

    def test_spares_the_rest(self):
        for text in ["spawn([](A self) -> Task { co_await x(); });\n",
                     "f([&] { x(); });\nTask g() { co_await y(); }\n",
                     "a[i] = b[j];\nTask g(int n) { co_await y(); }\n",
                     "[[nodiscard]] Task g() { co_await y(); }\n"]:
            self.assertEqual(found(rules.lambda_coroutines, "a.cpp", text), [], text)


class FileBytes(unittest.TestCase):
    def test_finds_big_files_of_any_kind(self):
        self.assertEqual(found(rules.file_bytes, "a.bin", "", size=400_001), [1])
        seed = Source("src/io/fuzz_seeds/a_fuzz/b", "\0", 400_001)
        self.assertEqual([finding.rule for finding in find([seed])], ["file-bytes"])


class Macros(unittest.TestCase):
    def test_counts_in_the_whole_tree(self):
        sources = [Source(f"{n}.h", f"#define A{n}(x) x\n#define B{n} 1\n") for n in range(21)]
        self.assertEqual(list(rules.macros(sources[:20])), [])
        self.assertEqual(len(list(rules.macros(sources))), 1)


class DeadFiles(unittest.TestCase):
    def test_finds_what_nothing_builds(self):
        sources = [Source("src/layers.txt", "# c\nbase\nwire/mqtt\n"),
                   Source("src/base/a.h", ""), Source("src/base/b.h", ""),
                   Source("src/wire/mqtt/c.cpp", '#include "base/a.h"\n'),
                   Source("src/wire/d.cpp", ""), Source("tests/e.cpp", "")]
        self.assertEqual([finding.path for finding in rules.dead_files(sources)],
                         ["src/base/b.h", "src/wire/d.cpp"])


class Exceptions(unittest.TestCase):
    def test_spare_what_they_name_and_nothing_else(self):
        findings = list(rules.function_length(
            Source("src/a.cpp", "void f() " + body(71) + "void g() " + body(71))))
        left = list(except_listed(findings, "# c\nfunction-length src/a.cpp:f a hot machine\n"))
        self.assertEqual([finding.name for finding in left], ["g"])

    def test_want_a_reason_and_a_breach(self):
        left = list(except_listed([], "columns src/a.cpp\n"))
        self.assertIn("reason", left[0].text)
        left = list(except_listed([], "columns src/a.cpp a table\n"))
        self.assertIn("no longer needed", left[0].text)


class BlankCpp(unittest.TestCase):
    def test_keeps_lines_and_lengths(self):
        text = 'a("x\\"y"); // b\n/* c\nd */ R"(e")" 1\'000 \'"\' f "g"\n#include "h.h"\n'
        blank = blank_cpp(text)
        self.assertEqual(len(blank), len(text))
        self.assertEqual(blank.count("\n"), text.count("\n"))
        self.assertEqual(blank.split(), ["a(", ");", "1'000", "f", "#include", '"h.h"'])


if __name__ == "__main__":
    unittest.main()
