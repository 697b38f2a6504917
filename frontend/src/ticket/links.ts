// Addresses in plain text become links. Only http and https; trailing punctuation, Japanese too, stays outside.
export interface Piece {
  text: string;
  href: string;
}

const address = /https?:\/\/[^\s<>"'「」『』（）、。，．！？　]+/g;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const url = match[0].replace(/[.,;:!?)\]}]+$/, "");
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: "" });
    found.push({ text: url, href: url });
    from = match.index + url.length;
  }
  if (from < text.length) found.push({ text: text.slice(from), href: "" });
  return found;
}
