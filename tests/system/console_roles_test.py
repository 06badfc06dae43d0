"""The console as viewer, operator, engineer and administrator."""

from console_case import console_case
from harness import main

Roles = console_case("console_roles_test.mjs")

if __name__ == "__main__":
    main()
