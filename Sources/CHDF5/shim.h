// What Swift needs of libhdf5 that its importer cannot see: the library's constants are macros
// around global variables, and its error stack is walked with a callback.

#ifndef AIS_HDF5_SHIM_H
#define AIS_HDF5_SHIM_H

#include <hdf5.h>
#include <stdint.h>
#include <stdio.h>

// File access flags.
static inline unsigned ais_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned ais_h5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned ais_h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned ais_h5_exclusive(void) { return H5F_ACC_EXCL; }

// Property lists: the default one, and the classes of which new ones are made.
static inline hid_t ais_h5_default(void) { return H5P_DEFAULT; }
static inline hid_t ais_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t ais_h5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t ais_h5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t ais_h5_link_creation(void) { return H5P_LINK_CREATE; }
static inline hid_t ais_h5_attribute_creation(void) { return H5P_ATTRIBUTE_CREATE; }

// Data spaces.
static inline hid_t ais_h5_all(void) { return H5S_ALL; }
static inline hsize_t ais_h5_unlimited(void) { return H5S_UNLIMITED; }

// Element types as they lie in memory.
static inline hid_t ais_h5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t ais_h5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t ais_h5_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t ais_h5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t ais_h5_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t ais_h5_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t ais_h5_c_string(void) { return H5T_C_S1; }
static inline size_t ais_h5_variable_length(void) { return H5T_VARIABLE; }

// The library prints every error on standard error unless told not to, thread by thread.
static inline void ais_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline void ais_h5_clear_errors(void) { H5Eclear2(H5E_DEFAULT); }

struct ais_h5_message {
  char *text;
  size_t capacity;
};

static inline herr_t ais_h5_take_message(unsigned n, const H5E_error2_t *error, void *context) {
  struct ais_h5_message *message = (struct ais_h5_message *)context;
  if (n == 0 && error->desc != NULL) {
    snprintf(message->text, message->capacity, "%s", error->desc);
  }
  return 0;
}

// Writes the description of the innermost error of this thread's stack, NUL-terminated and cut to
// `capacity`; the empty string where there is none.
static inline void ais_h5_innermost_error(char *text, size_t capacity) {
  struct ais_h5_message message = {text, capacity};
  if (capacity == 0) return;
  text[0] = '\0';
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, ais_h5_take_message, &message);
}

// The number of attributes of an open object, or -1.
static inline int64_t ais_h5_attribute_count(hid_t object) {
  H5O_info_t info;
  if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0) return -1;
  return (int64_t)info.num_attrs;
}

// The C library's search, which its header hides from strictly standard C.
extern void *memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);

static inline const void *ais_h5_find(
    const void *haystack, size_t length, const void *needle, size_t needle_length) {
  return memmem(haystack, length, needle, needle_length);
}

#endif
