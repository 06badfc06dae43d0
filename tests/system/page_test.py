"""The built-in page in Chromium; the cases are in page_test.mjs."""

import shutil

from harness import main
from javascript import test_case

CHROMIUM = shutil.which("chromium")
Page = test_case("page_test.mjs", ["playwright-core"],
                 environment={"HEADWORKS_CHROMIUM": CHROMIUM or ""},
                 reason=None if CHROMIUM else "chromium is not installed")

if __name__ == "__main__":
    main()
