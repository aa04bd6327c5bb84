/** CDS Hooks for a running server: the engine's runtime over the library in force, and what a launch from a card brings back. Loaded only where the configuration asks for it. */
import { decodeDrugTable } from '../../models/engine/facts/drug-table.ts';
import type { LoadedLibrary } from '../library.ts';
import { createNodeRuntime } from '../ort.ts';
import { type About, openReference } from './reference.ts';
import { type CdsHooksDeps, createCdsHooks } from './routes.ts';

export async function startCdsHooks({
  loaded,
  ...deps
}: Omit<CdsHooksDeps, 'knowledge'> & { readonly loaded: LoadedLibrary }) {
  const runtime = await createNodeRuntime({
    load: async (url) => {
      const file = loaded.files.get(url);
      if (!file) throw new Error('no such graph in the library');
      return file.bytes;
    },
  });
  const knowledge = { library: loaded.library, drugs: decodeDrugTable(loaded.drugTable), runtime };
  const openCard = (appContext: string, about: About) => openReference(deps.keys, about, appContext);
  return { routes: createCdsHooks({ ...deps, knowledge }), openCard };
}
