#include "ais_memory.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void ais_return_free_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
