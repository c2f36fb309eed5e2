#include "ais_kernels.h"
int ais_kernels_version(void) { return 1; }
