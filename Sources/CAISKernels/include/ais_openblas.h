#ifndef AIS_OPENBLAS_H
#define AIS_OPENBLAS_H

// OpenBLAS has one number of threads for the whole process, and the grouping of a product's terms depends on it.
// Whoever calls OpenBLAS, or a library that does, waits here for its turn, sets its number of threads, and ends its
// turn when it is done. Turns do not nest.

#ifdef __cplusplus
extern "C" {
#endif

void ais_openblas_begin_turn(void);
void ais_openblas_end_turn(void);

#ifdef __cplusplus
}
#endif

#endif
