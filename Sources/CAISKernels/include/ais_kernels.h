#ifndef AIS_KERNELS_H
#define AIS_KERNELS_H
#include "ais_dequantize.h"
int ais_kernels_version(void);
#endif
