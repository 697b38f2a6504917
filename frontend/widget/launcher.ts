// The round button and the place of the frame, in a shadow tree: the page's styles do not reach in, ours do not leak out.

import { inkOn, parse } from "./colour";
import { icon, make, set, write } from "./dom";
import { filled } from "./language";
import { launcherWords } from "./launcher-words";
import type { Language } from "./protocol";

export interface Options {
  language: Language;
  color: string; // "" for the default
  left: boolean;
  hidden: boolean; // no button of ours: the page opens the chat with its own
}

export interface Launcher {
  frame: HTMLIFrameElement;
  attach(): void;
  show(open: boolean): void;
  badge(count: number): void;
  paint(color: string): void;
  speak(language: Language): void;
}

const RULES = `
:host { all: initial; position: fixed; z-index: 2147483000; inset-block-end: 0; inset-inline-end: 0; --brand: #2b4c7e; --on: #fff; }
:host(.left) { inset-inline: 0 auto; }
* { box-sizing: border-box; }
button {
  position: fixed; inset: auto calc(20px + env(safe-area-inset-right)) calc(20px + env(safe-area-inset-bottom)) auto;
  display: grid; place-items: center; inline-size: 58px; block-size: 58px; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
  background: var(--brand); color: var(--on); box-shadow: 0 2px 4px rgb(40 34 24 / 20%), 0 6px 20px rgb(40 34 24 / 24%);
  transition: transform 120ms ease-out; -webkit-tap-highlight-color: transparent;
}
:host(.left) button { inset-inline: calc(20px + env(safe-area-inset-left)) auto; }
button:hover { transform: translateY(-2px); }
button:focus-visible { outline: 3px solid var(--brand); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
svg { inline-size: 28px; block-size: 28px; }
button[aria-expanded="true"] .open, button[aria-expanded="false"] .shut { display: none; }
.count {
  position: absolute; inset: -4px -4px auto auto; min-inline-size: 22px; block-size: 22px; padding: 0 6px; border-radius: 11px;
  border: 2px solid #fff; background: #b03526; color: #fff;
  font: 600 12px/18px "Hiragino Sans", "Noto Sans JP", system-ui, sans-serif; text-align: center;
}
.count:empty { display: none; }
iframe {
  position: fixed; inset: auto calc(20px + env(safe-area-inset-right)) calc(92px + env(safe-area-inset-bottom)) auto;
  inline-size: 384px; block-size: min(620px, calc(100vh - 112px)); block-size: min(620px, calc(100dvh - 112px));
  border: 0; border-radius: 16px; background: Canvas; color-scheme: normal; visibility: hidden; opacity: 0; transform: translateY(10px);
  box-shadow: 0 2px 6px rgb(40 34 24 / 14%), 0 16px 48px rgb(40 34 24 / 26%);
  transition: opacity 120ms ease-out, transform 120ms ease-out, visibility 0s 120ms;
}
:host(.left) iframe { inset-inline: calc(20px + env(safe-area-inset-left)) auto; }
iframe.on { visibility: visible; opacity: 1; transform: none; transition-delay: 0s; }
button[hidden] { display: none; }
@media (max-width: 520px), (max-height: 460px) {
  iframe, :host(.left) iframe { inset: var(--top, 0px) 0 auto; inline-size: 100%; block-size: 100vh; block-size: var(--high, 100dvh); border-radius: 0; box-shadow: none; }
  iframe.on + button { display: none; }
}
@media (prefers-reduced-motion: reduce) { button, iframe { transition: none; transform: none; } }
@media print { :host { display: none; } }
`;

const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";

export function drawLauncher(options: Options, acts: { toggle(): void; near(): void }): Launcher {
  const host = make("div", { id: "mikawaya", class: options.left ? "left" : null });
  const shadow = host.attachShadow({ mode: "open" });
  const frame = make("iframe", { id: "frame", sandbox: SANDBOX, tabindex: "-1" });
  const count = make("span", { class: "count", "aria-hidden": "true" });
  const button = make("button", { type: "button", "aria-expanded": "false", "aria-haspopup": "dialog", hidden: options.hidden });
  const [bubble, cross] = [icon("bubble"), icon("close")];
  let open = false;
  let unread = 0;
  let said = launcherWords[options.language];

  set(bubble, { class: "open" }); // each is named for the deed it offers
  set(cross, { class: "shut" });
  button.append(bubble, cross, count);
  dress(shadow);
  shadow.append(button);
  button.addEventListener("click", acts.toggle);
  button.addEventListener("pointerenter", acts.near);
  if (document.body) document.body.append(host);
  else document.addEventListener("DOMContentLoaded", () => document.body.append(host));

  function label(): void {
    const words = open ? said.close : unread > 0 ? filled(said.unread, { n: unread }) : said.open;
    set(button, { "aria-label": words, title: words, "aria-expanded": String(open) });
    set(frame, { title: said.panel });
    write(count, open || unread === 0 ? "" : unread > 99 ? "99+" : String(unread));
  }

  function paint(color: string): void {
    if (!parse(color)) return;
    host.style.setProperty("--brand", color);
    host.style.setProperty("--on", inkOn(color));
  }

  function show(now: boolean): void {
    open = now;
    frame.classList.toggle("on", open);
    label();
    set(frame, { tabindex: open ? null : "-1" });
    if (open) frame.focus();
    else if (!button.hidden) button.focus();
  }

  fit(host);
  paint(options.color);
  label();
  return {
    frame,
    attach: () => shadow.insertBefore(frame, button),
    show,
    badge: (now) => {
      unread = now;
      label();
    },
    paint,
    speak: (language) => {
      said = launcherWords[language];
      set(host, { lang: language });
      label();
    },
  };
}

/** On a phone the frame fills what the on-screen keyboard leaves free. */
function fit(host: HTMLElement): void {
  const view = window.visualViewport;
  if (!view) return;
  const measure = (): void => {
    const zoomed = view.scale > 1.01;
    for (const [name, value] of [["--high", view.height], ["--top", view.offsetTop]] as const) {
      if (zoomed) host.style.removeProperty(name);
      else host.style.setProperty(name, `${value}px`);
    }
  };
  view.addEventListener("resize", measure);
  view.addEventListener("scroll", measure);
}

/** A constructed style sheet needs no permission of the page's CSP; older browsers get an element. */
function dress(shadow: ShadowRoot): void {
  if ("adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES);
    shadow.adoptedStyleSheets = [sheet];
  } else (shadow as ShadowRoot).append(make("style", {}, RULES));
}
