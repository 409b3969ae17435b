import type { Assets } from "./assets";

/** The one HTML page: everything on it is drawn by the script, from the views. */
export function page({ script, style, icon }: Assets): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Order service console</title>
<link rel="icon" href="${icon.path}">
<link rel="stylesheet" href="${style.path}">
<script src="${script.path}" defer></script>
<body><noscript>The console needs JavaScript. Without it: npm run ops</noscript></body>
</html>
`;
}
