// dist/widget.js: what a shop's page loads. A round button, and a frame on our own origin that is made when it is first
// needed; nothing else happens on the page, and nothing is sent before (W1, W12). The one global is window.Mikawaya.

import { opened, wrapped, type ToFrame, type ToPage } from "./bridge";
import { pickLanguage } from "./language";
import { drawLauncher, type Options } from "./launcher";

/** A signed identity (a JWT), or how to get a fresh one: it lives an hour at most (W2). */
type Identity = string | (() => Promise<string> | string);

interface Door {
  open(): void;
  close(): void;
  identify(identity: Identity): void;
  logout(): void;
}

declare global {
  interface Window {
    Mikawaya?: Door;
  }
}

const RENEW_MS = 60_000;
const SAFE = "kept:"; // the notes that are the frame's

const script = (document.currentScript ?? document.querySelector("script[data-widget]")) as HTMLScriptElement | null;
if (script?.dataset["widget"] && !window.Mikawaya) begin(script, script.dataset["widget"]);

function begin(tag: HTMLScriptElement, widget: string): void {
  const { lang, color, position, storage, launcher } = tag.dataset;
  const home = new URL(tag.src).origin;
  const kept = notes(`mikawaya:${widget}:`);
  const language = pickLanguage(lang, document.documentElement.lang, navigator.language);
  const options: Options = {
    language,
    color: color ?? kept.get("color") ?? "",
    left: position === "left",
    hidden: launcher === "none",
  };
  const view = drawLauncher(options, { toggle: () => (isOpen ? close() : open()), near: frame });
  let isOpen = false;
  let ready = false;
  let wanted: ToFrame[] = [];
  let identity: Identity | null = null;
  let renewed = 0;

  function frame(): HTMLIFrameElement {
    if (view.frame.src) return view.frame;
    const query = new URLSearchParams({ widget, origin: location.origin, lang: language });
    if (storage === "page") query.set("storage", "page");
    view.frame.src = `${home}/widget/frame.html?${query.toString()}`;
    view.attach();
    return view.frame;
  }

  function tell(said: ToFrame): void {
    if (ready) frame().contentWindow?.postMessage(wrapped(said), home);
    else wanted = [...wanted.filter((old) => old.type !== said.type), said];
  }

  function open(): void {
    frame();
    isOpen = true;
    view.show(true);
    tell({ type: "open", page: location.href, title: document.title });
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    view.show(false);
    tell({ type: "closed" });
  }

  async function identify(given: Identity): Promise<void> {
    identity = given;
    try {
      const token = await (typeof given === "function" ? given() : given);
      if (identity !== given || !token) return;
      frame();
      tell({ type: "identify", token });
    } catch {
      identity = null; // the shop's own server did not answer: the visitor stays who they were
    }
  }

  /** A fresh identity, but not again and again when the server refuses each. */
  function renew(): void {
    if (typeof identity !== "function" || Date.now() - renewed < RENEW_MS) return;
    renewed = Date.now();
    void identify(identity);
  }

  function logout(): void {
    identity = null;
    kept.set("talked", null);
    for (const name of Object.keys(kept.all(SAFE))) kept.set(SAFE + name, null);
    close();
    frame(); // what it keeps must go, even when it was not open on this page
    tell({ type: "logout" });
  }

  function hear(said: ToPage): void {
    if (said.type === "ready") {
      ready = true;
      tell({ type: "kept", notes: storage === "frame" ? {} : kept.all(SAFE) });
      wanted.splice(0).forEach(tell);
    } else if (said.type === "close") close();
    else if (said.type === "unread") view.badge(said.count);
    else if (said.type === "look") {
      if (!color) view.paint(said.color);
      kept.set("color", said.color);
      view.speak(said.language);
    } else if (said.type === "talked") kept.set("talked", "1");
    else if (said.type === "keep" && storage !== "frame") kept.set(SAFE + said.name, said.value);
    else if (said.type === "identity") renew();
  }

  window.addEventListener("message", (event) => {
    const said = opened<ToPage>(event, view.frame.contentWindow, home);
    if (said) hear(said);
  });
  window.Mikawaya = { open, close, identify: (given) => void identify(given), logout };
  window.dispatchEvent(new CustomEvent("mikawaya:ready"));
  // Who has talked before wants to see whether there is an answer; everybody else loads nothing more.
  if (kept.get("talked")) frame();
}

/** The few notes in the page's own storage: the colour, whether they talked, and what the frame cannot keep itself. */
function notes(prefix: string) {
  const attempt = <T>(action: () => T): T | null => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  const get = (name: string): string | null => attempt(() => localStorage.getItem(prefix + name));
  const set = (name: string, value: string | null): void =>
    void attempt(() => (value === null ? localStorage.removeItem(prefix + name) : localStorage.setItem(prefix + name, value)));
  const all = (under: string): Record<string, string> => {
    const keys = attempt(() => Object.keys(localStorage)) ?? [];
    const names = keys.filter((key) => key.startsWith(prefix + under)).map((key) => key.slice(prefix.length));
    return Object.fromEntries(names.map((name) => [name.slice(under.length), get(name) ?? ""]));
  };
  return { get, set, all };
}
