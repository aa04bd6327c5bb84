/** The little linear algebra that a fit of four parameters needs: symmetric positive definite matrices, row by row. */

export type Matrix = readonly (readonly number[])[];

/** A matrix that is not positive definite. */
export class NotPositiveDefinite extends Error {
  readonly code = 'not-positive-definite';
}

/** The lower triangle L with L·Lᵀ = `matrix`. @throws NotPositiveDefinite */
export function cholesky(matrix: Matrix): number[][] {
  const lower = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) {
      let sum = row[j] ?? Number.NaN;
      for (let k = 0; k < j; k += 1) sum -= at(lower, i, k) * at(lower, j, k);
      if (i === j && !(sum > 0)) throw new NotPositiveDefinite('not positive definite');
      (lower[i] as number[])[j] = i === j ? Math.sqrt(sum) : sum / at(lower, j, j);
    }
  });
  return lower;
}

/** The inverse of a symmetric positive definite matrix. @throws NotPositiveDefinite */
export function inverse(matrix: Matrix): number[][] {
  const lower = cholesky(matrix);
  const columns = matrix.map((_, column) =>
    solve(
      lower,
      matrix.map((__, row) => Number(row === column)),
    ),
  );
  return matrix.map((_, row) => columns.map((column) => column[row] as number));
}

/** Solves L·Lᵀ·x = b. */
export function solve(lower: Matrix, b: readonly number[]): number[] {
  const y: number[] = [];
  b.forEach((value, i) => {
    let sum = value;
    for (let k = 0; k < i; k += 1) sum -= at(lower, i, k) * (y[k] as number);
    y[i] = sum / at(lower, i, i);
  });
  const x = [...y];
  for (let i = b.length - 1; i >= 0; i -= 1) {
    let sum = y[i] as number;
    for (let k = i + 1; k < b.length; k += 1) sum -= at(lower, k, i) * (x[k] as number);
    x[i] = sum / at(lower, i, i);
  }
  return x;
}

/** vᵀ·M·v */
export function quadratic(matrix: Matrix, vector: readonly number[]): number {
  return vector.reduce((sum, a, i) => sum + a * vector.reduce((inner, b, j) => inner + at(matrix, i, j) * b, 0), 0);
}

/** Lower triangle × vector. */
export function times(lower: Matrix, vector: readonly number[]): number[] {
  return lower.map((row, i) => row.slice(0, i + 1).reduce((sum, value, j) => sum + value * (vector[j] ?? 0), 0));
}

function at(matrix: Matrix, row: number, column: number): number {
  return matrix[row]?.[column] ?? Number.NaN;
}
