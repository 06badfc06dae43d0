"""The console in Chromium as people use it, and notes on the trends."""

from console_case import console_case
from harness import main

Use = console_case("console_test.mjs")
Notes = console_case("console_notes_test.mjs")

if __name__ == "__main__":
    main()
