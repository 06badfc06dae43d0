"""The console never lies, and shows what the API says."""

from console_case import console_case
from harness import main

Truth = console_case("console_truth_test.mjs")
Content = console_case("console_content_test.mjs")

if __name__ == "__main__":
    main()
