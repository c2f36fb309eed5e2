#ifndef AIS_MEMORY_H
#define AIS_MEMORY_H

// Gives memory that was freed, but kept for later, back to the system, so that what a process holds is what
// it uses.
void ais_return_free_memory(void);

#endif
