#ifndef AIS_KERNELS_H
#define AIS_KERNELS_H
#include "ais_bandwidth.h"

int ais_kernels_version(void);
#endif
