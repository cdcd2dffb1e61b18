/** Hands a text that the page made to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then; without this the text stays in memory as long as the page.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
