// How often the calling thread has asked for memory.
//
// Linking this replaces malloc and its kin by versions that count and hand on to the C library's.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stddef.h>

size_t allocation_count(void);

#endif
