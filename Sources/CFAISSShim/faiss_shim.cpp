#include "ais_faiss.h"

#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/index_io.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

struct ais_faiss_index {
  std::unique_ptr<faiss::Index> faiss;
};

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

using File = std::unique_ptr<FILE, int (*)(FILE *)>;

File open_file(const char *path) {
  File file(std::fopen(path, "rb"), std::fclose);
  if (!file) throw std::runtime_error(std::string("cannot be opened: ") + std::strerror(errno));
  return file;
}

// What a flat index's file begins with, little-endian and without padding. Ahead of the floats come
// the kind, the vectors' dimension and count, two unused numbers, whether the index is trained, the
// metric, and the number of floats.
struct FlatHeader {
  char kind[4];
  int32_t dimension;
  int64_t vectors;
  int32_t metric;
  uint64_t floats;
  static constexpr size_t bytes = 45;
};

FlatHeader read_header(FILE *file) {
  unsigned char raw[FlatHeader::bytes];
  const size_t got = std::fread(raw, 1, sizeof raw, file);
  if (got < sizeof raw) {
    throw std::runtime_error(
        "expected a header of 45 bytes, found a file of " + std::to_string(got));
  }
  FlatHeader header;
  std::memcpy(header.kind, raw, 4);
  std::memcpy(&header.dimension, raw + 4, 4);
  std::memcpy(&header.vectors, raw + 8, 8);
  std::memcpy(&header.metric, raw + 33, 4);
  std::memcpy(&header.floats, raw + 37, 8);
  const std::string kind(header.kind, 4);
  if (kind != "IxFI" && kind != "IxF2" && kind != "IxFl") {
    throw std::runtime_error("expected a flat FAISS index, found a file that begins otherwise");
  }
  if (raw[32] != 1) throw std::runtime_error("expected 1 as the trained flag at byte 32");
  return header;
}

void check_header(const FlatHeader &header, uint64_t file_bytes) {
  if (header.dimension < 1) {
    throw std::runtime_error(
        "expected a positive dimension at byte 4, found " + std::to_string(header.dimension));
  }
  const std::string kind(header.kind, 4);
  const bool is_inner_product = header.metric == faiss::METRIC_INNER_PRODUCT;
  if (!is_inner_product && header.metric != faiss::METRIC_L2) {
    throw std::runtime_error(
        "expected inner product (0) or L2 (1) as the metric at byte 33, found " +
        std::to_string(header.metric));
  }
  if ((kind == "IxFI" && !is_inner_product) || (kind == "IxF2" && is_inner_product)) {
    throw std::runtime_error("expected the metric that the index's kind names at byte 33");
  }
  const uint64_t stored = file_bytes - FlatHeader::bytes;
  if (header.floats > stored / 4 || header.floats * 4 != stored) {
    throw std::runtime_error(
        "expected " + std::to_string(header.floats) + " floats behind the header, found " +
        std::to_string(stored) + " bytes");
  }
  const uint64_t width = static_cast<uint64_t>(header.dimension);
  if (header.vectors < 0 || header.floats % width != 0 ||
      header.floats / width != static_cast<uint64_t>(header.vectors)) {
    throw std::runtime_error(
        "expected " + std::to_string(header.vectors) + " vectors of " + std::to_string(width) +
        " floats, found " + std::to_string(header.floats) + " floats");
  }
}

std::unique_ptr<faiss::Index> read_flat(const char *path) {
  File file = open_file(path);
  const FlatHeader header = read_header(file.get());
  if (std::fseek(file.get(), 0, SEEK_END) != 0) {
    throw std::runtime_error("cannot be read to its end");
  }
  const long size = std::ftell(file.get());
  if (size < static_cast<long>(FlatHeader::bytes)) throw std::runtime_error("has no size");
  check_header(header, static_cast<uint64_t>(size));
  std::rewind(file.get());
  std::unique_ptr<faiss::Index> index(faiss::read_index(file.get()));
  if (dynamic_cast<faiss::IndexFlat *>(index.get()) == nullptr) {
    throw std::runtime_error("expected a flat FAISS index, found another kind");
  }
  return index;
}

}  // namespace

int ais_faiss_flat_create(
    int32_t dimension, int32_t metric, ais_faiss_index **index, char **error) {
  *index = nullptr;
  return guarded(error, [&] {
    const auto kind = metric == AIS_FAISS_L2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
    auto made = std::make_unique<ais_faiss_index>();
    // The subclasses differ from IndexFlat in the kind they are saved as, which other readers see.
    if (kind == faiss::METRIC_L2) {
      made->faiss = std::make_unique<faiss::IndexFlatL2>(dimension);
    } else {
      made->faiss = std::make_unique<faiss::IndexFlatIP>(dimension);
    }
    *index = made.release();
  });
}

int ais_faiss_flat_read(const char *path, ais_faiss_index **index, char **error) {
  *index = nullptr;
  return guarded(error, [&] {
    auto made = std::make_unique<ais_faiss_index>();
    made->faiss = read_flat(path);
    *index = made.release();
  });
}

int ais_faiss_write(const ais_faiss_index *index, const char *path, char **error) {
  return guarded(error, [&] { faiss::write_index(index->faiss.get(), path); });
}

void ais_faiss_free(ais_faiss_index *index) { delete index; }

void ais_faiss_free_message(char *message) { std::free(message); }

int32_t ais_faiss_dimension(const ais_faiss_index *index) { return index->faiss->d; }

int64_t ais_faiss_count(const ais_faiss_index *index) { return index->faiss->ntotal; }

int32_t ais_faiss_metric(const ais_faiss_index *index) { return index->faiss->metric_type; }

int ais_faiss_add(ais_faiss_index *index, int64_t count, const float *rows, char **error) {
  return guarded(error, [&] { index->faiss->add(count, rows); });
}

int ais_faiss_search(
    const ais_faiss_index *index, int64_t count, const float *queries, int64_t k, float *distances,
    int64_t *ids, char **error) {
  return guarded(error, [&] { index->faiss->search(count, queries, k, distances, ids); });
}

int ais_faiss_reconstruct(const ais_faiss_index *index, int64_t id, float *row, char **error) {
  return guarded(error, [&] { index->faiss->reconstruct(id, row); });
}
