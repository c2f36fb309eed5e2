#ifndef AIS_FAISS_INDEX_FILE_H
#define AIS_FAISS_INDEX_FILE_H

#include <faiss/Index.h>

#include <memory>

namespace ais {

// Indexes from files. FAISS sets memory aside for whatever lengths a file names and follows the ids
// in it, so a file is walked over first, and what was read is checked before anyone searches it.
//
// Throw std::exception for a file that is missing, foreign, damaged, or of another kind.
std::unique_ptr<faiss::Index> read_flat(const char *path);
std::unique_ptr<faiss::Index> read_ivf(const char *path);

}  // namespace ais

#endif
