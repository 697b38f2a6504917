// An article's markup as elements, one by one: no string is ever read as HTML, and only these tags and attributes are made.

import type { Markup } from "./protocol";

const TAGS = new Set("p br hr strong em s code pre blockquote ul ol li a img h3 h4 h5 h6 table thead tbody tr th td".split(" "));
const ATTRIBUTES: Record<string, string[]> = { a: ["href", "title"], img: ["src", "alt", "title"], ol: ["start"] };
const ADDRESS = /^(https?:|mailto:|tel:|\/(?!\/)|#)/i;

export function drawMarkup(nodes: Markup[]): Node[] {
  return nodes.map((node) => (typeof node === "string" ? document.createTextNode(node) : drawTag(...node)));
}

function drawTag(tag: string, attributes: Record<string, string>, inside: Markup[]): Node {
  const node = TAGS.has(tag) ? document.createElement(tag) : document.createDocumentFragment();
  if (node instanceof Element) {
    for (const name of ATTRIBUTES[tag] ?? []) if (fits(name, attributes[name])) node.setAttribute(name, attributes[name] ?? "");
    if (tag === "a") {
      node.setAttribute("target", "_blank");
      node.setAttribute("rel", "noopener");
    }
  }
  node.append(...drawMarkup(inside));
  return node;
}

function fits(name: string, value: string | undefined): boolean {
  return value !== undefined && (!["href", "src"].includes(name) || ADDRESS.test(value));
}
