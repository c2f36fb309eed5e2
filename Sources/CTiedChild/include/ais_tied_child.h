#ifndef AIS_TIED_CHILD_H
#define AIS_TIED_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/// Starts a program that the kernel ends (SIGKILL) as soon as the calling thread has ended, however
/// that came about; so the thread must wait for it.
///
/// posix_spawn can't ask for this, and a program could only ask for itself, once it runs.
///
/// arguments and environment end with NULL. Where output is no descriptor (-1) the child has the
/// parent's streams; else it writes to output and reads nothing, and is_quiet drops what it writes to
/// standard error. No signal is held back in the child, and those that are
/// ignored stay so. Returns 0 and sets *child, or the errno of what failed.
int ais_start_tied_child(
    pid_t *child, const char *path, char *const arguments[], char *const environment[], int output,
    bool is_quiet);

#endif
