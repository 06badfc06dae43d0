"""Test cases of the console from scripts that drive Chromium; skipped where it, the console or its
packages are missing. Pictures of every page come to console_shots/ of the build."""

import os
import shutil

from harness import BUILD, ROOT
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
