#ifndef AIS_DISPATCH_H
#define AIS_DISPATCH_H

#include "ais_isa.h"

// The version of `name` for this processor.
#if defined(__x86_64__)
#define AIS_DISPATCH(name)                                  \
  (ais_active_isa() == AIS_ISA_AVX512 ? name##_avx512       \
   : ais_active_isa() == AIS_ISA_AVX2 ? name##_avx2 : name##_ref)
#else
#define AIS_DISPATCH(name) (name##_ref)
#endif

#endif
