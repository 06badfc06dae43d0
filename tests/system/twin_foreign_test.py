"""MQTT.js and a plain HTTP client follow a twin and set it; the cases are in the .mjs."""

from harness import main
from javascript import test_case

TwinForeign = test_case("twin_foreign_test.mjs", ["mqtt"])

if __name__ == "__main__":
    main()
