// The sources of the kernels, for the compiler at run time.
#ifndef AIS_CUDA_KERNELS_H
#define AIS_CUDA_KERNELS_H

typedef struct {
  const char *name;
  const char *text;
} ais_cuda_source;

// The files of kernels; a name of NULL ends the list.
const ais_cuda_source *ais_cuda_kernel_list(void);

// The files that they include; a name of NULL ends the list.
const ais_cuda_source *ais_cuda_header_list(void);

#endif
