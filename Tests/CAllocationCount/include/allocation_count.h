// How often the calling thread has asked for memory.
//
// Linking this replaces malloc and its kin by versions that count and hand on to the C library's.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdbool.h>
#include <stddef.h>

// Whether the count is kept: not in a build with a sanitizer, which has a malloc of its own.
bool allocation_count_is_available(void);

size_t allocation_count(void);

#endif
