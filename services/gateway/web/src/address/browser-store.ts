// Small things that the browser keeps for a reader. A browser that refuses only forgets them.
export function stored(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function store(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // Full, or forbidden by the browser's settings.
  }
}
