"""The console in Chromium as people use it, and notes on the trends. With HEADWORKS_CONSOLE_ALL=1
also who may what, that it never lies and that it shows what the API says: six minutes more."""

import os

from console_case import console_case
from harness import main

Use = console_case("console_test.mjs")
Notes = console_case("console_notes_test.mjs")

if os.environ.get("HEADWORKS_CONSOLE_ALL"):
    Truth = console_case("console_truth_test.mjs")
    Content = console_case("console_content_test.mjs")
    Roles = console_case("console_roles_test.mjs")

if __name__ == "__main__":
    main()
