/** The part of @lhncbc/ucum-lhc that the tests use; the package ships no types. */
declare module '@lhncbc/ucum-lhc' {
  interface Converted {
    readonly status: string;
    readonly toVal: number | null;
  }
  export const UcumLhcUtils: {
    getInstance(): {
      validateUnitString(unit: string): { readonly status: string };
      convertUnitTo(
        from: string,
        value: number,
        to: string,
        options: { readonly suggest: boolean; readonly molecularWeight: number | null },
      ): Converted;
    };
  };
}
