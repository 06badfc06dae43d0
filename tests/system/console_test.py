"""The console in Chromium as people use it, notes on the trends, and that it never lies. With
HEADWORKS_CONSOLE_ALL=1 also who may what and that it shows what the API says: two minutes more."""

import os

from console_case import console_case
from harness import main

Use = console_case("console_test.mjs")
Notes = console_case("console_notes_test.mjs")
Truth = console_case("console_truth_test.mjs")

if os.environ.get("HEADWORKS_CONSOLE_ALL"):
    Content = console_case("console_content_test.mjs")
    Roles = console_case("console_roles_test.mjs")

if __name__ == "__main__":
    main()
