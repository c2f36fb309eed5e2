#ifndef AIS_BANDWIDTH_H
#define AIS_BANDWIDTH_H

#include <stddef.h>
#include <stdint.h>

// How fast this machine reads memory: the ceiling of every step that is limited by reading weights.
//
// Sizes are in bytes and rounded down to a multiple of 8 (one word).

// A buffer whose word i holds i. Each thread touches its own part first, so that on a machine with several memory nodes
// each part is near its reader. NULL if there is no memory.
void *ais_bandwidth_buffer(size_t bytes);

// Reads every word once and returns their sum, modulo 2^64.
uint64_t ais_bandwidth_read(const void *buffer, size_t bytes);

// The sum that ais_bandwidth_read returns if it has read everything.
uint64_t ais_bandwidth_sum(size_t bytes);

void ais_bandwidth_free(void *buffer);

#endif
