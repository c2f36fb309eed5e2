// Counts the memory allocations of the calling thread.
//
// Linking this replaces malloc and its relatives by versions that count and then call the C
// library's.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdbool.h>
#include <stddef.h>

// Whether allocations are counted: not in a build with a sanitizer, which has its own malloc.
bool allocation_count_is_available(void);

size_t allocation_count(void);

#endif
