#include "ais_faiss.h"

#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/index_io.h>
#include <faiss/utils/distances.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ais_openblas.h"
#include "ais_parallel.h"
#include "index_file.h"

struct ais_faiss_index {
  std::unique_ptr<faiss::Index> faiss;
};

// OpenBLAS's functions, used for FAISS's products; its header's path differs by distribution.
extern "C" {
void openblas_set_num_threads(int);
}

namespace {

template <typename Work>
int guarded(char **error, Work work) noexcept {
  *error = nullptr;
  try {
    work();
    return 0;
  } catch (const std::exception &failure) {
    *error = strdup(failure.what());
  } catch (...) {
    *error = strdup("an exception of unknown type");
  }
  return 1;
}

template <typename Make>
int making(ais_faiss_index **index, char **error, Make make) noexcept {
  *index = nullptr;
  return guarded(error, [&] {
    auto made = std::make_unique<ais_faiss_index>();
    made->faiss = make();
    *index = made.release();
  });
}

// From this many queries on, FAISS uses matrix products by default.
constexpr int64_t many_queries = 20;

// An exclusive turn with FAISS's products. It sets OpenBLAS's number of threads, and the number of queries from which
// FAISS uses matrix products. Both are global, so each turn sets them anew.
//
// With few queries FAISS by default compares vector by vector, in loops that Debian compiles without wide instructions:
// for one query of 576 floats among 4,000, 13 times slower than a matrix product. Inner products are as exact with a
// matrix product. Squared distances are rounded more coarsely, so they keep FAISS's own choice.
class ProductsTurn {
 public:
  ProductsTurn(const faiss::Index &index, int threads) {
    ais_openblas_begin_turn();
    openblas_set_num_threads(threads);
    const int queries = index.metric_type == faiss::METRIC_INNER_PRODUCT ? 1 : many_queries;
    __atomic_store_n(&faiss::distance_compute_blas_threshold, queries, __ATOMIC_RELAXED);
  }
  ~ProductsTurn() { ais_openblas_end_turn(); }
  ProductsTurn(const ProductsTurn &) = delete;
  ProductsTurn &operator=(const ProductsTurn &) = delete;
};

// The subclasses differ from IndexFlat in the type that is saved in files, which other readers check.
std::unique_ptr<faiss::IndexFlat> make_flat(int32_t dimension, faiss::MetricType metric) {
  if (metric == faiss::METRIC_L2) return std::make_unique<faiss::IndexFlatL2>(dimension);
  return std::make_unique<faiss::IndexFlatIP>(dimension);
}

faiss::MetricType metric_type(int32_t metric) {
  return metric == AIS_FAISS_L2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
}

std::unique_ptr<faiss::Index> make_ivf(
    int32_t dimension, faiss::MetricType metric, int64_t lists, int64_t probes, int64_t count,
    const float *sample) {
  auto centroids = make_flat(dimension, metric);
  auto index =
      std::make_unique<faiss::IndexIVFFlat>(centroids.get(), dimension, lists, metric);
  centroids.release();
  index->own_fields = true;
  index->nprobe = probes;
  // k-means draws from this seed alone, so the same sample gives the same lists.
  index->cp.seed = 1234;
  index->cp.spherical = metric == faiss::METRIC_INNER_PRODUCT;
  // The caller may choose fewer vectors per list than FAISS recommends; no warning is needed.
  index->cp.min_points_per_centroid = 1;
  index->set_direct_map_type(faiss::DirectMap::Array);
  const ProductsTurn turn(*index, ais_thread_count());
  index->train(count, sample);
  return index;
}

const faiss::IndexIVFFlat *as_ivf(const ais_faiss_index *index) {
  return dynamic_cast<const faiss::IndexIVFFlat *>(index->faiss.get());
}

// A look-up of a few queries, with the vectors read by all of libgomp's threads. Its time is that of reading memory,
// since a forward pass leaves no vectors in a cache.
//
// FAISS uses blocks of the same size, so the scores equal those of its own search, whatever the number of threads.
// Which of equally near vectors get the last places may differ.
class BlockwiseSearch {
 public:
  BlockwiseSearch(const faiss::IndexFlat &index, int64_t count, const float *queries, int64_t k)
      : index_(index),
        count_(count),
        queries_(queries),
        k_(k),
        per_block_(std::min(k, block())) {
    const auto blocks = (index.ntotal + block() - 1) / block();
    scores_.resize(blocks * count * per_block_);
    ids_.resize(blocks * count * per_block_);
    failures_.resize(blocks);
    ais_parallel_ranges(
        blocks, 1,
        [](void *self, size_t begin, size_t end) {
          for (size_t i = begin; i < end; i++) static_cast<BlockwiseSearch *>(self)->search(i);
        },
        this);
    for (const auto &failure : failures_)
      if (failure) std::rethrow_exception(failure);
  }

  // Merges the best of all blocks; among equals the first wins.
  void merge(float *scores, int64_t *ids) const {
    std::vector<std::pair<float, int64_t>> found;
    for (int64_t query = 0; query < count_; query++) {
      found.clear();
      for (size_t block = 0; block < failures_.size(); block++)
        for (int64_t i = 0; i < per_block_; i++) {
          const auto place = (block * count_ + query) * per_block_ + i;
          if (ids_[place] >= 0) found.emplace_back(scores_[place], ids_[place]);
        }
      std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
      });
      for (int64_t i = 0; i < k_; i++) {
        const bool is_there = i < static_cast<int64_t>(found.size());
        scores[query * k_ + i] = is_there ? found[i].first : -HUGE_VALF;
        ids[query * k_ + i] = is_there ? found[i].second : -1;
      }
    }
  }

 private:
  static int64_t block() { return faiss::distance_compute_blas_database_bs; }

  void search(size_t number) noexcept {
    try {
      const auto first = static_cast<int64_t>(number) * block();
      const auto rows = std::min(block(), index_.ntotal - first);
      const auto place = number * count_ * per_block_;
      faiss::knn_inner_product(
          queries_, index_.get_xb() + first * index_.d, index_.d, count_, rows, per_block_,
          scores_.data() + place, ids_.data() + place);
      for (int64_t i = 0; i < count_ * per_block_; i++)
        if (ids_[place + i] >= 0) ids_[place + i] += first;
    } catch (...) {
      failures_[number] = std::current_exception();
    }
  }

  const faiss::IndexFlat &index_;
  const int64_t count_;
  const float *const queries_;
  const int64_t k_;
  // Results per block: no more than a block has vectors.
  const int64_t per_block_;
  std::vector<float> scores_;
  std::vector<int64_t> ids_;
  std::vector<std::exception_ptr> failures_;
};

}  // namespace

int ais_faiss_flat_create(
    int32_t dimension, int32_t metric, ais_faiss_index **index, char **error) {
  return making(index, error, [&] { return make_flat(dimension, metric_type(metric)); });
}

int ais_faiss_flat_read(const char *path, ais_faiss_index **index, char **error) {
  return making(index, error, [&] { return ais::read_flat(path); });
}

int ais_faiss_ivf_create(
    int32_t dimension, int32_t metric, int64_t lists, int64_t probes, int64_t count,
    const float *sample, ais_faiss_index **index, char **error) {
  return making(index, error, [&] {
    return make_ivf(dimension, metric_type(metric), lists, probes, count, sample);
  });
}

int ais_faiss_ivf_read(const char *path, ais_faiss_index **index, char **error) {
  return making(index, error, [&] { return ais::read_ivf(path); });
}

int64_t ais_faiss_ivf_lists(const ais_faiss_index *index) {
  const auto *ivf = as_ivf(index);
  return ivf == nullptr ? 0 : static_cast<int64_t>(ivf->nlist);
}

int64_t ais_faiss_ivf_probes(const ais_faiss_index *index) {
  const auto *ivf = as_ivf(index);
  return ivf == nullptr ? 0 : static_cast<int64_t>(ivf->nprobe);
}

int ais_faiss_write(const ais_faiss_index *index, const char *path, char **error) {
  return guarded(error, [&] { faiss::write_index(index->faiss.get(), path); });
}

#define AIS_TEXT(number) #number
#define AIS_VERSION(major, minor, patch) AIS_TEXT(major) "." AIS_TEXT(minor) "." AIS_TEXT(patch)

const char *ais_faiss_version(void) {
  return AIS_VERSION(FAISS_VERSION_MAJOR, FAISS_VERSION_MINOR, FAISS_VERSION_PATCH);
}

void ais_faiss_free(ais_faiss_index *index) { delete index; }

void ais_faiss_free_message(char *message) { std::free(message); }

int32_t ais_faiss_dimension(const ais_faiss_index *index) { return index->faiss->d; }

int64_t ais_faiss_count(const ais_faiss_index *index) { return index->faiss->ntotal; }

int32_t ais_faiss_metric(const ais_faiss_index *index) { return index->faiss->metric_type; }

int ais_faiss_add(ais_faiss_index *index, int64_t count, const float *rows, char **error) {
  return guarded(error, [&] {
    const ProductsTurn turn(*index->faiss, ais_thread_count());
    index->faiss->add(count, rows);
  });
}

int ais_faiss_search(
    const ais_faiss_index *index, int64_t count, const float *queries, int64_t k, float *distances,
    int64_t *ids, char **error) {
  return guarded(error, [&] {
    // OpenBLAS's threads would compete for the cores with libgomp's, which spin for a while after a forward pass: a
    // look-up of a few queries would take six times as long. With one thread the scores are always the same bits.
    const ProductsTurn turn(*index->faiss, 1);
    const auto *flat = dynamic_cast<const faiss::IndexFlat *>(index->faiss.get());
    if (count < many_queries && flat != nullptr &&
        flat->metric_type == faiss::METRIC_INNER_PRODUCT)
      BlockwiseSearch(*flat, count, queries, k).merge(distances, ids);
    else
      index->faiss->search(count, queries, k, distances, ids);
  });
}

int ais_faiss_reconstruct(const ais_faiss_index *index, int64_t id, float *row, char **error) {
  return guarded(error, [&] { index->faiss->reconstruct(id, row); });
}
