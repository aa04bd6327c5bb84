/**
 * JSON from outside, no deeper than 40 (V8). `JSON.parse` itself follows any depth; what walks the result afterwards does
 * not, and no chart, token or approval is that deep. The text is measured before it is parsed.
 */

export const MAX_DEPTH = 40;

/** Parses; throws `SyntaxError` for what is no JSON, and for what is nested deeper than `MAX_DEPTH` arrays and objects. */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`JSON nested deeper than ${MAX_DEPTH}`);
  return JSON.parse(text);
}

/** A request's body as JSON, read once; `undefined` for what is none or too deep. */
export async function jsonOf(body: { text(): Promise<string> }): Promise<unknown> {
  const text = await body.text();
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The response itself, whose `json()` rejects with `SyntaxError` for what is too deep, whoever calls it. */
export function measured(response: Response): Response {
  const json = async (): Promise<unknown> => parseJson(await response.text());
  return Object.defineProperty(response, 'json', { value: json });
}

/** One pass over the text. Strings are skipped; whether it is JSON at all is for the parser to say. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at);
    else if (sign === BRACE || sign === BRACKET) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (sign === BRACE_END || sign === BRACKET_END) depth -= 1;
  }
  return false;
}

/** Where the string that opens at `from` closes, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [34, 92, 123, 125, 91, 93];
