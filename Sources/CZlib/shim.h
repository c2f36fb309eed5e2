#include <zlib.h>

// A macro that Swift does not see: inflateInit2 for a gzip file.
static inline int ais_begin_gunzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
