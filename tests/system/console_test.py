"""The console in Chromium against a running demo; the cases are in console_test.mjs (as people use
it), console_pages_test.mjs (every page in every look), console_content_test.mjs (against the API),
console_roles_test.mjs (who may what), console_truth_test.mjs (it never lies) and
console_notes_test.mjs (notes on the trends). Pictures of every page come to console_shots/ of the
build."""

import os
import shutil

from harness import BUILD, ROOT, main
from javascript import test_case

CHROMIUM = shutil.which("chromium")
REASON = None
if not CHROMIUM:
    REASON = "chromium is not installed"
elif not os.path.isdir(os.path.join(BUILD, "src", "console", "dist")):
    REASON = "the console was not built (HEADWORKS_CONSOLE=OFF)"
elif not os.path.isdir(os.path.join(ROOT, "console", "node_modules", "axe-core")):
    REASON = "the console's packages are missing: scripts/install_packages.sh build"


def console_case(script):
    return test_case(script, ["playwright-core"], reason=REASON,
                     environment={"HEADWORKS_CHROMIUM": CHROMIUM or ""})


Use = console_case("console_test.mjs")
Notes = console_case("console_notes_test.mjs")

# Every page in four looks and against the API takes some ten minutes on two cores: by hand, with
# HEADWORKS_CONSOLE_ALL=1, until it is quicker.
if os.environ.get("HEADWORKS_CONSOLE_ALL"):
    Pages = console_case("console_pages_test.mjs")
    Content = console_case("console_content_test.mjs")
    Roles = console_case("console_roles_test.mjs")
    Truth = console_case("console_truth_test.mjs")

if __name__ == "__main__":
    main()
