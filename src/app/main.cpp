#include "app/command.h"

int main(int argc, char** argv) {
    return hw::app::run(argc, argv);
}
