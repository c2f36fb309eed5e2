// The kernels of the forward pass.
//
// A vectorised operation has a plain C function `ais_<op>_<dtype>_ref`, which is its specification, and fast versions
// `_avx2` and `_avx512`. The name without a suffix picks the best version for this processor and splits the work over
// the thread pool. The rotary pass exists only in plain C.
#ifndef AIS_KERNELS_H
#define AIS_KERNELS_H

#include "ais_attention.h"
#include "ais_bandwidth.h"
#include "ais_block.h"
#include "ais_blocks.h"
#include "ais_compare.h"
#include "ais_dequantize.h"
#include "ais_int8.h"
#include "ais_isa.h"
#include "ais_memory.h"
#include "ais_openblas.h"
#include "ais_parallel.h"
#include "ais_product.h"
#include "ais_stored.h"

#endif
