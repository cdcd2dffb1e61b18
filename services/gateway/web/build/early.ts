// Makes src/early.ts a script of its own, with the names of the files that each page and language consists
// of, and puts it first into the document.
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type Rollup } from 'vite';

const entry = fileURLToPath(new URL('../src/early.ts', import.meta.url));

/** The file of a chunk and of all that it imports, with their style sheets, but for those that are there already. */
function filesOf(bundle: Rollup.OutputBundle, chunk: Rollup.OutputChunk, there: ReadonlySet<string>): Set<string> {
  const files = new Set<string>();
  const add = (one: Rollup.OutputAsset | Rollup.OutputChunk | undefined) => {
    if (one?.type !== 'chunk' || there.has(one.fileName) || files.has(one.fileName)) return;
    files.add(one.fileName);
    for (const style of one.viteMetadata?.importedCss ?? []) if (!there.has(style)) files.add(style);
    for (const name of one.imports) add(bundle[name]);
  };
  add(chunk);
  return files;
}

/** @param pages by name of the page, the module that it is */
export function earlyScript(pages: Record<string, string>): Plugin {
  let early = '';
  return {
    name: 'early-script',
    apply: 'build',
    async generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const first = chunks.find((one) => one.isEntry);
      if (!first) throw new Error('early-script: there is no first chunk');
      const there = filesOf(bundle, first, new Set());
      const files = (chunk: Rollup.OutputChunk) => [...filesOf(bundle, chunk, there)].map((file) => `/${file}`);

      const filesOfPages: Record<string, string[]> = {};
      for (const [name, module] of Object.entries(pages)) {
        // By what is in it: a small one may have been joined to another.
        const chunk = chunks.find((one) => one.moduleIds.some((id) => id.endsWith(`/${module}`)));
        // Left out without a word, a page that was renamed would only become slower.
        if (!chunk) throw new Error(`early-script: there is no ${module}`);
        filesOfPages[name] = files(chunk);
      }
      const filesOfTexts: Record<string, string[]> = {};
      for (const chunk of chunks) {
        for (const id of chunk.moduleIds) {
          const language = /\/src\/texts\/([a-z]+)\.json$/.exec(id)?.[1];
          if (language !== undefined) filesOfTexts[language] = files(chunk);
        }
      }
      const made = await build({
        configFile: false,
        logLevel: 'silent',
        define: { filesOfPages: JSON.stringify(filesOfPages), filesOfTexts: JSON.stringify(filesOfTexts) },
        build: { write: false, target: 'es2022', modulePreload: false, copyPublicDir: false, rollupOptions: { input: entry } },
      });
      const [output] = Array.isArray(made) ? made : [made];
      if (!output || !('output' in output)) throw new Error('early-script: nothing was made');
      early = this.getFileName(this.emitFile({ type: 'asset', name: 'early.js', source: output.output[0].code }));
    },
    transformIndexHtml: {
      order: 'post',
      // The browser asks in the order of the document, and lets a script that is not `async` wait for style sheets.
      handler: (html) =>
        early === ''
          ? html
          : html.replace('</title>', `</title>\n    <script type="module" async fetchpriority="high" crossorigin src="/${early}"></script>`),
    },
  };
}
