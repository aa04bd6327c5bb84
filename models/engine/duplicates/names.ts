/** Names of ingredients as a list in words, each once: `ibuprofen, naproxen and meloxicam`. */
export function namesOf(ingredients: readonly { readonly name: string }[]): string {
  const names = [...new Set(ingredients.map(({ name }) => name))].sort();
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
