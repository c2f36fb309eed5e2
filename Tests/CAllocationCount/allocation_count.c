#include "allocation_count.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_OWN_MALLOC 1
#endif
#endif

#if defined(HAS_OWN_MALLOC)

// A sanitizer replaces malloc itself and must see every allocation.
bool allocation_count_is_available(void) { return false; }
size_t allocation_count(void) { return 0; }

// The test runner never frees its list of tests.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libXCTest.so\n"; }

#else

#include <errno.h>

// glibc's other names of malloc and its relatives.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local size_t count = 0;

static void note(void) { count++; }

bool allocation_count_is_available(void) { return true; }
size_t allocation_count(void) { return count; }

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  note();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

#endif
