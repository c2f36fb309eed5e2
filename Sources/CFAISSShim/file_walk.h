#ifndef AIS_FAISS_FILE_WALK_H
#define AIS_FAISS_FILE_WALK_H

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

namespace ais {

// Walks over a file and never past its end: a size in the file is compared with the remaining bytes before anything is
// read or allocated.
class FileWalk {
 public:
  explicit FileWalk(const char *path) : file_(nullptr, std::fclose) {
    struct stat status;
    if (stat(path, &status) != 0) refuse_to_open(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) refuse_to_open("expected a regular file");
    file_.reset(std::fopen(path, "rb"));
    if (!file_) refuse_to_open(std::strerror(errno));
    if (fstat(fileno(file_.get()), &status) != 0) refuse_to_open(std::strerror(errno));
    size_ = static_cast<uint64_t>(status.st_size);
  }

  uint64_t place() const { return place_; }
  uint64_t rest() const { return size_ - place_; }

  // The next number, little-endian like everything that FAISS writes on this architecture.
  template <typename Number>
  Number take(const char *what) {
    Number number;
    need(1, sizeof number, what);
    if (std::fread(&number, sizeof number, 1, file_.get()) != 1) {
      throw std::runtime_error(std::string("cannot be read: ") + what);
    }
    place_ += sizeof number;
    return number;
  }

  // The four letters that say what comes next.
  std::string take_kind(const char *what) {
    const auto letters = take<uint32_t>(what);
    return std::string(reinterpret_cast<const char *>(&letters), 4);
  }

  void skip(uint64_t count, uint64_t bytes_each, const char *what) {
    need(count, bytes_each, what);
    if (std::fseek(file_.get(), static_cast<long>(count * bytes_each), SEEK_CUR) != 0) {
      throw std::runtime_error(std::string("cannot be read: ") + what);
    }
    place_ += count * bytes_each;
  }

  void expect_end() const {
    if (rest() != 0) {
      throw std::runtime_error(
          "expected the end at byte " + std::to_string(place_) + ", found " +
          std::to_string(rest()) + " more bytes");
    }
  }

  // The file, from its start, for FAISS to read.
  FILE *rewound() {
    std::rewind(file_.get());
    return file_.get();
  }

 private:
  [[noreturn]] static void refuse_to_open(const char *reason) {
    throw std::runtime_error(std::string("cannot be opened: ") + reason);
  }

  void need(uint64_t count, uint64_t bytes_each, const char *what) const {
    if (count > rest() / bytes_each) {
      throw std::runtime_error(
          "expected " + std::to_string(count) + " x " + std::to_string(bytes_each) + " bytes of " +
          what + " at byte " + std::to_string(place_) + ", found " + std::to_string(rest()));
    }
  }

  std::unique_ptr<FILE, int (*)(FILE *)> file_;
  uint64_t size_ = 0;
  uint64_t place_ = 0;
};

}  // namespace ais

#endif
