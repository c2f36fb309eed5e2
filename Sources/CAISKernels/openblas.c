#include "ais_openblas.h"

#include <pthread.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

void ais_openblas_begin_turn(void) { pthread_mutex_lock(&turn); }

void ais_openblas_end_turn(void) { pthread_mutex_unlock(&turn); }
