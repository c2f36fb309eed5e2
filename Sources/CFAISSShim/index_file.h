#ifndef AIS_FAISS_INDEX_FILE_H
#define AIS_FAISS_INDEX_FILE_H

#include <faiss/Index.h>

#include <memory>

namespace ais {

// Reads indexes from files. FAISS allocates whatever lengths a file states and trusts its ids. So the file is first
// walked over, and what FAISS read is checked before any search.
//
// Throw std::exception for a file that is missing, foreign, damaged, or of another kind.
std::unique_ptr<faiss::Index> read_flat(const char *path);
std::unique_ptr<faiss::Index> read_ivf(const char *path);

}  // namespace ais

#endif
