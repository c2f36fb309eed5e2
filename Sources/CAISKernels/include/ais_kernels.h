#ifndef AIS_KERNELS_H
#define AIS_KERNELS_H
int ais_kernels_version(void);
#endif
