#ifndef AIS_TIED_CHILD_H
#define AIS_TIED_CHILD_H

#include <sys/types.h>

/// Starts a program that the kernel ends (SIGKILL) as soon as the calling thread has ended, however
/// that came about; so the thread must wait for it.
///
/// posix_spawn can't ask for this, and a program could only ask for itself, once it runs.
///
/// arguments and environment end with NULL. No signal is held back in the child, and those that are
/// ignored stay so. Returns 0 and sets *child, or the errno of what failed.
int ais_start_tied_child(
    pid_t *child, const char *path, char *const arguments[], char *const environment[]);

#endif
