// The shop's colour on our paper, by CSS variables: set through the object model, so that a strict CSP allows it.

import { inkOn, parse, readableOn } from "./colour";

export const INDIGO = "#2b4c7e";
// The grounds that brand-coloured text stands on, the least favourable of each theme (frame.css: --ground, --raised).
const PAPER = { light: "#f4f1ea", dark: "#2a2825" };

export function paint(color: string): void {
  const brand = parse(color) ? color : INDIGO;
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const style = document.documentElement.style;
  style.setProperty("--brand", brand);
  style.setProperty("--on-brand", inkOn(brand));
  style.setProperty("--brand-text", readableOn(brand, dark ? PAPER.dark : PAPER.light));
}

/** Paints now, and again when the reader turns to dark or light. */
export function repainted(color: () => string): void {
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(color()));
}
