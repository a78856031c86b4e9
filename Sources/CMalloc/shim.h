#ifndef PARITY_CMALLOC_H
#define PARITY_CMALLOC_H

#include <malloc.h>

/// Makes glibc give memory back instead of keeping it for later.
///
/// It keeps a heap a thread, and learns from large blocks that were freed to keep them as well: what a
/// search in a large table frees between two rounds would be kept several times over. Other C
/// libraries have no such settings, and need none.
static inline void parity_give_memory_back(void) {
#if defined(M_ARENA_MAX) && defined(M_MMAP_THRESHOLD) && defined(M_TRIM_THRESHOLD)
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 512 * 1024);
  mallopt(M_TRIM_THRESHOLD, 512 * 1024);
#endif
}

#endif
