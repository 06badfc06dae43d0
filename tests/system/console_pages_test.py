"""Every page of the console in English dark and Chinese light: axe, words, console errors, edges;
with HEADWORKS_CONSOLE_ALL=1 in all four pairs."""

from console_case import console_case
from harness import main

Pages = console_case("console_pages_test.mjs")

if __name__ == "__main__":
    main()
