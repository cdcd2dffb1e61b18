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

/**
 * @param pages by name of the page, the module that it is
 * @param always the module that every page needs, which the first script asks for itself
 */
export function earlyScript(pages: Record<string, string>, always: string): Plugin {
  let early = '';
  let alwaysFiles: string[] = [];
  return {
    name: 'early-script',
    apply: 'build',
    async generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const first = chunks.find((one) => one.isEntry);
      if (!first) throw new Error('early-script: there is no first chunk');
      // By what is in it: a small one may have been joined to another.
      const chunkOf = (module: string) => {
        const chunk = chunks.find((one) => one.moduleIds.some((id) => id.endsWith(`/${module}`)));
        // Left out without a word, a page that was renamed would only become slower.
        if (!chunk) throw new Error(`early-script: there is no ${module}`);
        return chunk;
      };
      const there = filesOf(bundle, first, new Set());
      alwaysFiles = [...filesOf(bundle, chunkOf(always), there)];
      for (const file of alwaysFiles) there.add(file);
      const files = (chunk: Rollup.OutputChunk) => [...filesOf(bundle, chunk, there)].map((file) => `/${file}`);

      const filesOfPages: Record<string, string[]> = {};
      for (const [name, module] of Object.entries(pages)) {
        filesOfPages[name] = files(chunkOf(module));
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
      // The browser asks in the order of the document, six at a time. First what says what else to ask for, then
      // what it needs to paint anything. A script that is not `async` would wait for the style sheet.
      handler: (html) => {
        if (early === '') return html;
        const style = /\n *<link rel="stylesheet"[^>]*>/.exec(html)?.[0];
        if (!style) throw new Error('early-script: there is no style sheet');
        const script = `\n    <script type="module" async fetchpriority="high" crossorigin src="/${early}"></script>`;
        const links = alwaysFiles.map((file) => `\n    <link rel="modulepreload" crossorigin href="/${file}">`);
        return html
          .replace(style, links.join(''))
          // Behind the style sheet and the font: on a slow line these are what the first paint waits for.
          .replaceAll('<link rel="modulepreload" crossorigin', '<link rel="modulepreload" fetchpriority="low" crossorigin')
          .replace('</title>', () => `</title>${script}${style}`);
      },
    },
  };
}
