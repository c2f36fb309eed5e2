#ifndef AIS_TIED_CHILD_H
#define AIS_TIED_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/// Starts a program that the kernel kills (SIGKILL) as soon as the calling thread ends, for whatever reason; so the
/// thread must wait for it.
///
/// posix_spawn can't do this, and a program can only do it itself, once it runs.
///
/// arguments and environment end with NULL. If output is -1, the child has the parent's streams; else it writes to the
/// descriptor output and reads nothing, and is_quiet drops what it writes to standard error. No signal is blocked in
/// the child; ignored signals stay ignored. Returns 0 and sets *child, or the errno of what failed.
int ais_start_tied_child(
    pid_t *child, const char *path, char *const arguments[], char *const environment[], int output,
    bool is_quiet);

#endif
