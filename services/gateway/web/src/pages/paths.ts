// Which address is which page's. Apart from the pages themselves: the first script of all asks it.
const paths = {
  needs: /^\/$/,
  since: /^\/since$/,
  country: /^\/country(?:\/[A-Z]{3})?$/,
  response: /^\/response$/,
  service: /^\/service$/,
  signIn: /^\/enter$/,
  words: /^\/words$/,
};

export type PageName = keyof typeof paths;

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

export function pageNameAt(path: string): PageName | undefined {
  const asked = withoutSlash(path);
  return (Object.keys(paths) as PageName[]).find((name) => paths[name].test(asked));
}
