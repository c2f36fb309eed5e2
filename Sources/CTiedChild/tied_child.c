#define _GNU_SOURCE
#include "ais_tied_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// The parent's signal handlers must not run in the child, which shares its memory.
static void drop_handlers(void) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    if (!(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, NULL);
  }
}

// Gives a descriptor another number; returns whether that worked.
static bool move_to(int descriptor, int number) {
  if (descriptor < 0) return false;
  // dup2 does nothing if the number is the same; the descriptor would still be closed by exec.
  if (descriptor == number) return fcntl(number, F_SETFD, 0) == 0;
  return dup2(descriptor, number) == number;
}

static bool set_streams(int output, bool is_quiet) {
  if (output < 0) return true;
  // The output first: it may have the number of a stream that the parent has closed.
  return move_to(output, STDOUT_FILENO) && move_to(open("/dev/null", O_RDONLY), STDIN_FILENO) &&
         (!is_quiet || move_to(open("/dev/null", O_WRONLY), STDERR_FILENO));
}

int ais_start_tied_child(
    pid_t *child, const char *path, char *const arguments[], char *const environment[], int output,
    bool is_quiet) {
  sigset_t all, none, before;
  sigfillset(&all);
  sigemptyset(&none);
  pid_t parent = getpid();
  volatile int failure = 0;
  // All signals are blocked until the child has dropped the parent's handlers.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Not fork: it would run the libraries' fork handlers, which stop OpenBLAS's threads.
  pid_t process = vfork();
  if (process == 0) {
    drop_handlers();
    // The parent may have ended before prctl was called.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || !set_streams(output, is_quiet)) {
      failure = errno;
    } else if (getppid() == parent) {
      sigprocmask(SIG_SETMASK, &none, NULL);
      execve(path, arguments, environment);
      failure = errno;
    }
    _exit(127);
  }
  int error = process < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error != 0) return error;
  if (failure != 0) {
    int status;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return failure;
  }
  *child = process;
  return 0;
}
