#include "index_file.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "file_walk.h"

namespace ais {
namespace {

[[noreturn]] void refuse(
    const std::string &what, uint64_t place, const std::string &expected,
    const std::string &found) {
  throw std::runtime_error(
      "expected " + expected + " as " + what + " at byte " + std::to_string(place) + ", found " +
      found);
}

template <typename Number>
Number take(
    FileWalk &walk, const char *what, Number least, Number most, const std::string &expected) {
  const uint64_t place = walk.place();
  const Number number = walk.take<Number>(what);
  if (number < least || number > most) refuse(what, place, expected, std::to_string(number));
  return number;
}

template <typename Number>
void expect(FileWalk &walk, const char *what, Number number) {
  take<Number>(walk, what, number, number, std::to_string(number));
}

// The header of every index, after the letters of its kind.
struct Shape {
  uint64_t dimension;
  uint64_t vectors;
  int32_t metric;
};

Shape take_shape(FileWalk &walk) {
  Shape shape;
  shape.dimension =
      take<int32_t>(walk, "the dimension", 1, INT32_MAX, "a positive number");
  shape.vectors =
      take<int64_t>(walk, "the number of vectors", 0, INT64_MAX, "no negative number");
  walk.skip(2, sizeof(int64_t), "unused numbers");
  expect<uint8_t>(walk, "the trained flag", 1);
  shape.metric = take<int32_t>(
      walk, "the metric", faiss::METRIC_INNER_PRODUCT, faiss::METRIC_L2,
      "inner product (0) or L2 (1)");
  return shape;
}

Shape walk_flat(FileWalk &walk) {
  const uint64_t start = walk.place();
  const std::string kind = walk.take_kind("the kind");
  if (kind != "IxFI" && kind != "IxF2" && kind != "IxFl") {
    throw std::runtime_error(
        "expected a flat FAISS index at byte " + std::to_string(start) +
        ", found something that begins otherwise");
  }
  const Shape shape = take_shape(walk);
  const bool is_inner_product = shape.metric == faiss::METRIC_INNER_PRODUCT;
  if ((kind == "IxFI" && !is_inner_product) || (kind == "IxF2" && is_inner_product)) {
    throw std::runtime_error("expected the metric that the index's kind names");
  }
  const uint64_t place = walk.place();
  const uint64_t floats = walk.take<uint64_t>("the number of floats");
  if (floats % shape.dimension != 0 || floats / shape.dimension != shape.vectors) {
    refuse(
        "the number of floats", place,
        std::to_string(shape.vectors) + " x " + std::to_string(shape.dimension),
        std::to_string(floats));
  }
  walk.skip(floats, sizeof(float), "floats");
  return shape;
}

// The lengths of the inverted lists, whose sum must be the number of vectors.
void walk_list_sizes(FileWalk &walk, uint64_t lists, uint64_t vectors) {
  const std::string layout = walk.take_kind("the layout of list lengths");
  const bool is_sparse = layout == "sprs";
  if (!is_sparse && layout != "full") {
    throw std::runtime_error("expected list lengths stored full or sparse");
  }
  const uint64_t place = walk.place();
  const uint64_t count = walk.take<uint64_t>("the number of list lengths");
  const bool fits = is_sparse ? count % 2 == 0 && count / 2 <= lists : count == lists;
  if (!fits) {
    refuse(
        "the number of list lengths", place, "that of " + std::to_string(lists) + " lists",
        std::to_string(count));
  }
  uint64_t left = vectors;
  uint64_t next = 0;
  for (uint64_t entry = 0; entry < (is_sparse ? count / 2 : count); ++entry) {
    if (is_sparse) {
      // In order, so that no list is named twice.
      next = 1 + take<uint64_t>(
                     walk, "a list's number", next, lists - 1, "a larger one, but a list's");
    }
    left -= take<uint64_t>(
        walk, "a list's length", 0, left, "at most " + std::to_string(left));
  }
  if (left != 0) {
    throw std::runtime_error(
        "expected lists of " + std::to_string(vectors) + " vectors, found " +
        std::to_string(vectors - left));
  }
}

void walk_ivf(FileWalk &walk) {
  if (walk.take_kind("the kind") != "IwFl") {
    throw std::runtime_error(
        "expected an inverted-file FAISS index, found a file that begins otherwise");
  }
  const Shape shape = take_shape(walk);
  const uint64_t lists =
      take<uint64_t>(walk, "the number of lists", 1, UINT32_MAX, "a positive number");
  take<uint64_t>(walk, "the number of lists to search", 1, lists, "1 to " + std::to_string(lists));
  const Shape centroids = walk_flat(walk);
  if (centroids.dimension != shape.dimension || centroids.vectors != lists ||
      centroids.metric != shape.metric) {
    throw std::runtime_error("expected a centroid for every list, of the index's own kind");
  }
  const uint64_t place = walk.place();
  const uint8_t has_map = take<uint8_t>(
      walk, "the kind of the map of ids", faiss::DirectMap::NoMap, faiss::DirectMap::Array,
      "none (0) or an array (1)");
  const uint64_t mapped = walk.take<uint64_t>("the length of the map of ids");
  if (mapped != (has_map ? shape.vectors : 0)) {
    refuse(
        "the length of the map of ids", place + 1, std::to_string(has_map ? shape.vectors : 0),
        std::to_string(mapped));
  }
  walk.skip(mapped, sizeof(int64_t), "the map of ids");
  if (walk.take_kind("the kind of lists") != "ilar") {
    throw std::runtime_error("expected inverted lists in memory");
  }
  expect<uint64_t>(walk, "the number of lists", lists);
  expect<uint64_t>(walk, "the bytes of a vector", shape.dimension * sizeof(float));
  walk_list_sizes(walk, lists, shape.vectors);
  walk.skip(
      shape.vectors, shape.dimension * sizeof(float) + sizeof(int64_t), "vectors and their ids");
}

// Checks that every id from 0 on occurs once, since callers use ids as indices.
void check_ids(const faiss::IndexIVFFlat &index) {
  std::vector<bool> seen(index.ntotal, false);
  for (size_t list = 0; list < index.nlist; ++list) {
    const faiss::InvertedLists::ScopedIds ids(index.invlists, list);
    for (size_t place = 0; place < index.invlists->list_size(list); ++place) {
      const int64_t id = ids.ids[place];
      if (id < 0 || id >= index.ntotal || seen[id]) {
        throw std::runtime_error(
            "expected every id below " + std::to_string(index.ntotal) + " once, found " +
            std::to_string(id));
      }
      seen[id] = true;
    }
  }
}

}  // namespace

std::unique_ptr<faiss::Index> read_flat(const char *path) {
  FileWalk walk(path);
  walk_flat(walk);
  walk.expect_end();
  std::unique_ptr<faiss::Index> index(faiss::read_index(walk.rewound()));
  if (dynamic_cast<faiss::IndexFlat *>(index.get()) == nullptr) {
    throw std::runtime_error("expected a flat FAISS index, found another kind");
  }
  return index;
}

std::unique_ptr<faiss::Index> read_ivf(const char *path) {
  FileWalk walk(path);
  walk_ivf(walk);
  walk.expect_end();
  std::unique_ptr<faiss::Index> index(faiss::read_index(walk.rewound()));
  auto *ivf = dynamic_cast<faiss::IndexIVFFlat *>(index.get());
  if (ivf == nullptr) {
    throw std::runtime_error("expected an inverted-file FAISS index, found another kind");
  }
  check_ids(*ivf);
  // The file's own map is redundant and may be wrong, so it is rebuilt from the lists and compared.
  const std::vector<int64_t> stored(ivf->direct_map.array.begin(), ivf->direct_map.array.end());
  ivf->set_direct_map_type(faiss::DirectMap::NoMap);
  ivf->set_direct_map_type(faiss::DirectMap::Array);
  const auto &rebuilt = ivf->direct_map.array;
  if (!stored.empty() && !std::equal(stored.begin(), stored.end(), rebuilt.begin())) {
    throw std::runtime_error("expected a map of ids that says where the lists hold them");
  }
  return index;
}

}  // namespace ais
