"""The files of the repository as the rules see them."""

import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

CPP = {".h", ".cpp"}
SCRIPT = {".py", ".sh", ".js", ".mjs", ".ts", ".tsx"}
CMAKE = {".cmake"}
# Bytes, not text; or text that we do not write by hand.
NOT_OURS = re.compile(r"(^|/)(fuzz_seeds|generated|node_modules)/|(^|/)package-lock\.json$")


@dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    text: str
    name: str = ""  # of the function, for exceptions

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text} [{self.rule}]"


@dataclass
class Source:
    """One file. Tests build it from a text; `read_sources` from the working tree."""

    path: str
    text: str
    size: int = field(default=-1)

    def __post_init__(self):
        if self.size < 0:
            self.size = len(self.text.encode())

    @property
    def suffix(self):
        return Path(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in CPP

    @property
    def is_script(self):
        return self.suffix in SCRIPT or self.text.startswith("#!")

    @property
    def is_code(self):
        is_cmake = self.suffix in CMAKE or self.path.endswith("CMakeLists.txt")
        return self.is_cpp or self.is_script or is_cmake

    @property
    def is_test(self):
        stem = Path(self.path).stem
        return (stem.endswith(("_test", "_bench", "_fuzz", ".test", "-test"))
                or self.path.startswith(("tests/", "bench/")))

    @property
    def is_ours(self):
        return not NOT_OURS.search(self.path) and "\0" not in self.text

    @cached_property
    def lines(self):
        return self.text.split("\n")

    @cached_property
    def code(self):
        """C++ text of the same length and lines, with comments and literals blanked."""
        return blank_cpp(self.text)

    @cached_property
    def code_lines(self):
        return self.code.split("\n")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


CPP_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def blank_cpp(text):
    def blank(match):
        kept = match.group(0)
        # Include names stay readable.
        line_start = text.rfind("\n", 0, match.start()) + 1
        if kept.startswith('"') and text[line_start:match.start()].strip() == "#include":
            return kept
        return "".join("\n" if c == "\n" else " " for c in kept)

    return CPP_TOKEN.sub(blank, text)


def read_sources(root):
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-co", "-z",
         "--exclude-standard"], check=True, capture_output=True).stdout.decode()
    sources = []
    for path in sorted(filter(None, listed.split("\0"))):
        file = Path(root) / path
        if not file.is_file():  # deleted, not yet committed
            continue
        data = file.read_bytes()
        sources.append(Source(path, data.decode("utf-8", "replace"), len(data)))
    return sources
