#ifndef AIS_OPENBLAS_H
#define AIS_OPENBLAS_H

// OpenBLAS keeps one number of threads for the whole process, and how a product's terms are grouped depends
// on it. Whoever calls OpenBLAS, or a library that does, waits here for its turn, sets the number that it
// wants and makes way when it is done. Turns do not nest.

#ifdef __cplusplus
extern "C" {
#endif

void ais_openblas_begin_turn(void);
void ais_openblas_end_turn(void);

#ifdef __cplusplus
}
#endif

#endif
