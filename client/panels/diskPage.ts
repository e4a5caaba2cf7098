/** Addresses of what the page loads, as the webview has them. */
export interface DiskPageParts {
  /** Where scripts, styles and fonts may come from. */
  readonly cspSource: string;
  readonly script: string;
  readonly styles: string;
  /** Random, of this page alone. */
  readonly nonce: string;
  readonly title: string;
  readonly language: string;
}

/**
 * The document of the page. Nothing may be loaded but our own script, which alone has the nonce, our sheet of styles
 * and the font of the icons; no style attributes, no handlers in the text, no evaluation of text.
 */
export function diskPage({ cspSource, script, styles, nonce, title, language }: DiskPageParts): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <title>${attribute(title)}</title>
    <link rel="stylesheet" href="${attribute(styles)}" id="vscode-codicon-stylesheet">
  </head>
  <body>
    <script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
  </body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
