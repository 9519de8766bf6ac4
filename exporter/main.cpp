#include "exporter/cli/run.h"

int main(int argc, char** argv) { return exporter::Run(argc, argv); }
