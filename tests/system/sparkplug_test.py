"""A foreign Sparkplug edge node against the host application; the cases are in
sparkplug_test.mjs."""

from harness import main
from javascript import test_case

Sparkplug = test_case("sparkplug_test.mjs", ["mqtt", "sparkplug-payload"])

if __name__ == "__main__":
    main()
