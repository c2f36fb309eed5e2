#ifndef AIS_MEMORY_H
#define AIS_MEMORY_H

// Returns memory that was freed, but kept by the allocator, to the system, so that a process holds only the memory that
// it uses.
void ais_return_free_memory(void);

#endif
