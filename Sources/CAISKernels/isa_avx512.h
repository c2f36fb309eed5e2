#define AIS_LANES 16
#define AIS_TWIN(name) name##_avx512
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
    apply_to = function)
