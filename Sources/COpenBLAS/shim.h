#ifndef AIS_COPENBLAS_H
#define AIS_COPENBLAS_H

#include <cblas.h>
#include <stddef.h>

// OpenBLAS carries LAPACK, but Debian's package has no header for it: the Fortran routine as
// gfortran compiles it, with the lengths of its three strings at the end.
void dsyevr_(const char *job, const char *range, const char *triangle, const int *n, double *a,
             const int *lda, const double *lowest, const double *highest, const int *first,
             const int *last, const double *tolerance, int *found, double *values, double *vectors,
             const int *ldz, int *support, double *work, const int *work_count, int *integer_work,
             const int *integer_work_count, int *status, size_t, size_t, size_t);

// The eigenvectors of the `count` largest eigenvalues of a symmetric matrix, in rising order; 0 if
// all went well. a [n, n], its lower triangle column by column, is overwritten; values [n]; vectors
// [count, n]; support [2n]; work at least 26n, integer_work at least 10n numbers.
static inline int ais_largest_eigenvectors(int n, int count, double *a, int *found, double *values,
                                           double *vectors, int *support, double *work,
                                           int work_count, int *integer_work,
                                           int integer_work_count) {
  const int first = n - count + 1;
  const double unused = 0, tolerance = 0;
  int status = 0;
  dsyevr_("V", "I", "L", &n, a, &n, &unused, &unused, &first, &n, &tolerance, found, values,
          vectors, &n, support, work, &work_count, integer_work, &integer_work_count, &status, 1, 1, 1);
  return status;
}

void dposv_(const char *triangle, const int *n, const int *columns, double *a, const int *lda,
            double *b, const int *ldb, int *status, size_t);

// Solves a·x = b for a symmetric positive definite matrix by Cholesky's factors; 0 if all went well.
// a [n, n] is overwritten; b holds `columns` right sides of n numbers, one behind the other, and then
// the solutions.
static inline int ais_solve_positive(int n, int columns, double *a, double *b) {
  int status = 0;
  dposv_("L", &n, &columns, a, &n, b, &n, &status, 1);
  return status;
}

void dgesv_(const int *n, const int *columns, double *a, const int *lda, int *pivots, double *b,
            const int *ldb, int *status);

// The same for any matrix that is not singular, a [n, n] column by column, pivots [n].
static inline int ais_solve_general(int n, int columns, double *a, int *pivots, double *b) {
  int status = 0;
  dgesv_(&n, &columns, a, &n, pivots, b, &n, &status);
  return status;
}

#endif
