/**
 * Stands where FHIRPath would load decimal.js (12 kB), which it uses only when asked for precise mathematics: facts are
 * compared as the numbers they are, in the page as on the server. What would need it after all fails: nothing is a
 * constructor here.
 */

/** FHIRPath sets the number of digits when it loads. */
export function set(): void {}
