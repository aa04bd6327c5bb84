/**
 * Stands where FHIRPath would load UCUM (80 kB): facts come converted, and the server lets no expression pass that
 * compares quantities. Whatever asks for a unit all the same fails, and is shown as a failure.
 */
export const UcumLhcUtils = { getInstance: () => new Proxy({}, { get: refuse }) };

function refuse(): never {
  throw new TypeError('no units in FHIRPath here');
}
