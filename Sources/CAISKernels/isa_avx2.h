#define AIS_LANES 8
#define AIS_TWIN(name) name##_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
