"""Every page of the console in both languages and themes: axe, words, console errors, edges."""

from console_case import console_case
from harness import main

Pages = console_case("console_pages_test.mjs")

if __name__ == "__main__":
    main()
