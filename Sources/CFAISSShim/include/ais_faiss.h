#ifndef AIS_FAISS_H
#define AIS_FAISS_H

#include <stdint.h>

// A C interface for faiss::Index. libfaiss.a on Debian has no C symbols. No C++ exception may reach Swift, so every
// function here catches them.
//
// Functions that can fail return 0, or 1 with `*error` set to a message in English that the caller
// frees with ais_faiss_free_message; `*error` is NULL if there was no memory for the message.
//
// Any number of threads may search and reconstruct at once; add and free must run alone.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ais_faiss_index ais_faiss_index;

enum { AIS_FAISS_INNER_PRODUCT = 0, AIS_FAISS_L2 = 1 };

// The version in FAISS's headers, as "1.7.3"; the library is of the same package.
const char *ais_faiss_version(void);

// An empty index that compares every vector; `dimension` floats each.
int ais_faiss_flat_create(int32_t dimension, int32_t metric, ais_faiss_index **index, char **error);

// A flat index from a file. Sizes in the header are checked against the file's before FAISS, which
// would allocate whatever a header claims, reads it.
int ais_faiss_flat_read(const char *path, ais_faiss_index **index, char **error);

// An empty index of inverted lists, each the vectors nearest to one of `lists` centroids, which are
// learned from the sample by k-means; a search looks into the `probes` nearest lists.
// sample: [count, dimension], at least as many rows as lists.
int ais_faiss_ivf_create(
    int32_t dimension, int32_t metric, int64_t lists, int64_t probes, int64_t count,
    const float *sample, ais_faiss_index **index, char **error);

// An index of inverted lists from a file, checked like a flat one; its ids are checked too.
int ais_faiss_ivf_read(const char *path, ais_faiss_index **index, char **error);

// 0 for an index of another kind.
int64_t ais_faiss_ivf_lists(const ais_faiss_index *index);
int64_t ais_faiss_ivf_probes(const ais_faiss_index *index);

int ais_faiss_write(const ais_faiss_index *index, const char *path, char **error);

void ais_faiss_free(ais_faiss_index *index);
void ais_faiss_free_message(char *message);

int32_t ais_faiss_dimension(const ais_faiss_index *index);
int64_t ais_faiss_count(const ais_faiss_index *index);
int32_t ais_faiss_metric(const ais_faiss_index *index);

// rows: [count, dimension], row-major.
int ais_faiss_add(ais_faiss_index *index, int64_t count, const float *rows, char **error);

// queries: [count, dimension]; distances and ids: [count, k], best first, id -1 if none is left.
int ais_faiss_search(
    const ais_faiss_index *index, int64_t count, const float *queries, int64_t k, float *distances,
    int64_t *ids, char **error);

// row: [dimension].
int ais_faiss_reconstruct(const ais_faiss_index *index, int64_t id, float *row, char **error);

#ifdef __cplusplus
}
#endif

#endif
