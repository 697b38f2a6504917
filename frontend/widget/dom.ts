// Elements without a framework, and without markup from strings: pages with Trusted Types and strict CSP may embed us.

type Attributes = Record<string, string | boolean | null>;
type Child = Node | string | null;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** True writes an empty attribute, false and null remove it. */
export function set(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value === true ? "" : value)) node.setAttribute(name, value === true ? "" : value);
  }
}

/** Writes only what differs, so that screen readers hear no repetition. */
export function write(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12h13M12.5 5.5L19 12l-6.5 6.5",
  clip: "M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l7.6-7.6a3 3 0 0 1 4.3 4.3l-7.5 7.4a1.4 1.4 0 0 1-2-2l6.7-6.6",
  file: "M7 3.5h7l4 4V20.5H7zM14 3.5v4h4",
  down: "M12 5v13M6 12.5l6 6 6-6",
  book: "M5 5.5a2 2 0 0 1 2-2h12v14H7a2 2 0 0 0-2 2zM5 19.5a2 2 0 0 0 2 1.5h12M9 8h6",
  back: "M15 5.5L8.5 12l6.5 6.5",
  bubble: "M4 6.5a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2h-6.5L7 20.5V17H6a2 2 0 0 1-2-2zM8 9.2h8M8 12.6h5",
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  set(svg, { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" });
  const path = document.createElementNS(space, "path");
  set(path, { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" });
  svg.append(path);
  return svg;
}
