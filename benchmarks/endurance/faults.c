/* Faults at the n-th call that changes the disk, for benchmarks/endure.py: built by it, put in by LD_PRELOAD.
 *
 * Calls that write, sync, cut, rename, remove or make a file below a folder are counted, those of SQLite and of
 * Python alike. At the n-th the process is killed, or the call fails with an error, once or from then on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { OFF, COUNT, KILL, FAIL_ONCE, FAIL_ON };

static int mode = OFF, code;
static long count, at;
static char folder[PATH_MAX];

void endure_arm(const char *below, int new_mode, long number, int error) {
  strncpy(folder, below, sizeof folder - 1);
  count = 0, at = number, code = error, mode = new_mode;
}

long endure_count(void) { return count; }

static int due(void) {
  count++;
  if (mode == COUNT || count < at) return 0;
  if (mode == KILL) {
    kill(getpid(), SIGKILL);
    pause();
  }
  return mode == FAIL_ON || count == at;
}

static int below(const char *path) {
  return strncmp(path, folder, strlen(folder)) == 0 && path[strlen(folder)] == '/';
}

static int of_path(const char *path) {
  char whole[2 * PATH_MAX], here[PATH_MAX];
  if (mode == OFF) return 0;
  if (path[0] == '/' || !getcwd(here, sizeof here)) return below(path) && due();
  snprintf(whole, sizeof whole, "%s/%s", here, path);
  return below(whole) && due();
}

static int of_file(int file) {
  char link[64], path[PATH_MAX];
  if (mode == OFF) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path) && due();
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
#define WRAP(type, name, test, parameters, arguments, ...) \
  type name parameters {                                   \
    if (test) { errno = code; return -1; }                 \
    return REAL(type, name, __VA_ARGS__) arguments;        \
  }

WRAP(ssize_t, write, of_file(f), (int f, const void *b, size_t n), (f, b, n), int, const void *, size_t)
WRAP(ssize_t, pwrite, of_file(f), (int f, const void *b, size_t n, off_t o), (f, b, n, o), int, const void *, size_t, off_t)
WRAP(ssize_t, pwrite64, of_file(f), (int f, const void *b, size_t n, off64_t o), (f, b, n, o), int, const void *, size_t, off64_t)
WRAP(int, fsync, of_file(f), (int f), (f), int)
WRAP(int, fdatasync, of_file(f), (int f), (f), int)
WRAP(int, ftruncate, of_file(f), (int f, off_t n), (f, n), int, off_t)
WRAP(int, ftruncate64, of_file(f), (int f, off64_t n), (f, n), int, off64_t)
WRAP(int, rename, of_path(a), (const char *a, const char *b), (a, b), const char *, const char *)
WRAP(int, mkdir, of_path(p), (const char *p, mode_t m), (p, m), const char *, mode_t)
WRAP(int, unlink, of_path(p), (const char *p), (p), const char *)

#define OPEN(name)                                                         \
  int name(const char *path, int flags, ...) {                             \
    mode_t rights = 0;                                                     \
    if (flags & O_CREAT) {                                                 \
      va_list rest;                                                        \
      va_start(rest, flags);                                               \
      rights = va_arg(rest, mode_t);                                       \
      va_end(rest);                                                        \
      if (access(path, F_OK) && of_path(path)) { errno = code; return -1; } \
    }                                                                      \
    return REAL(int, name, const char *, int, ...)(path, flags, rights);   \
  }
OPEN(open)
OPEN(open64)
