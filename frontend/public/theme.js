/* global document, localStorage */

// Loaded before the first paint, so that nobody sees the wrong theme. src/app/theme.ts does the rest.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // The browser blocks storage: the system's theme it is.
}
