/**
 * Stands where FHIRPath would load what no expression of the library uses: UCUM (80 kB), terminology servers, factories
 * of resources, HTML checks. Facts come converted, and the server lets no expression pass that compares quantities.
 * Whatever asks for any of it all the same fails, and is shown as a failure.
 */
export const UcumLhcUtils = { getInstance: () => new Proxy({}, { get: refuse }) };

function refuse(): never {
  throw new TypeError('no units in FHIRPath here');
}
