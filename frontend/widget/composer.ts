// Where the visitor writes: text, attachments by button, paste and drop, and who they are when the shop asks.

import type { Speech } from "./bubble";
import { icon, make, set, write } from "./dom";
import type { Look } from "./protocol";
import type { Draft } from "./thread";
import { looksLikeEmail, sends } from "./text";
import { drawTray } from "./tray";
import type { Door } from "./upload";

export type Said = Pick<Draft, "text" | "files" | "name" | "email">;

export interface ComposerActs {
  say(said: Said): void;
  typing(): void;
  written(text: string): void; // kept, so that a reload loses nothing
  door(): Door | null; // where to upload; null: not connected
}

export interface Composer {
  node: HTMLElement;
  render(look: Look | null, first: boolean, known: boolean, speech: Speech): void;
  focus(): void;
  clear(): void;
  drop(files: Iterable<File>): void;
}

export const touch = (): boolean => window.matchMedia("(pointer: coarse) and (hover: none)").matches;

export function drawComposer(acts: ComposerActs, kept: string): Composer {
  const name = make("input", { type: "text", autocomplete: "name", maxlength: "120" });
  const email = make("input", { type: "email", autocomplete: "email", inputmode: "email", maxlength: "254" });
  const nameField = make("label", {}, make("span"), name);
  const emailField = make("label", {}, make("span"), email);
  const why = make("p", { class: "why" });
  const wrong = make("p", { class: "wrong", role: "alert", id: "wrong-email" });
  const who = make("div", { class: "who-fields", hidden: true }, nameField, emailField, wrong, why);

  const text = make("textarea", { rows: "1", maxlength: "10000", enterkeyhint: touch() ? "enter" : "send", "aria-describedby": "keys" });
  const keys = make("span", { id: "keys", class: "hidden" });
  const picker = make("input", { type: "file", multiple: true, hidden: true, tabindex: "-1" });
  const attach = make("button", { type: "button", class: "round attach" }, icon("clip"));
  const send = make("button", { type: "submit", class: "round send" }, icon("send"));
  const tray = drawTray(acts.door, able);
  const privacy = make("p", { class: "privacy" });
  const row = make("div", { class: "row" }, attach, picker, text, keys, send);
  const node = make("form", { class: "composer", novalidate: true }, who, tray.node, row, privacy);

  text.value = kept;
  text.addEventListener("input", () => {
    grow();
    able();
    acts.written(text.value);
    if (text.value.trim()) acts.typing();
  });
  text.addEventListener("keydown", (event) => {
    if (!sends(event, touch())) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    tray.add(files);
  });
  attach.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    tray.add(picker.files ?? []);
    picker.value = "";
    text.focus();
  });
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  function submit(): void {
    const said: Said = { text: text.value.trim(), files: [] };
    if (tray.busy() || (!said.text && tray.empty()) || !asked(said)) return;
    said.files = tray.take();
    text.value = "";
    acts.written("");
    grow();
    able();
    text.focus();
    acts.say(said);
  }

  /** Adds who they say they are; false when the address cannot be one. */
  function asked(said: Said): boolean {
    if (who.hidden) return true;
    const address = emailField.hidden ? "" : email.value.trim();
    const fine = address === "" || looksLikeEmail(address);
    set(email, { "aria-invalid": fine ? null : "true", "aria-describedby": fine ? null : "wrong-email" });
    write(wrong, fine ? "" : (wrong.dataset["words"] ?? ""));
    if (!fine) {
      email.focus();
      return false;
    }
    if (!nameField.hidden && name.value.trim()) said.name = name.value.trim();
    if (address) said.email = address;
    return true;
  }

  function grow(): void {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  }

  function able(): void {
    send.disabled = tray.busy() || (text.value.trim() === "" && tray.empty());
  }

  function render(look: Look | null, first: boolean, known: boolean, speech: Speech): void {
    const { say } = speech;
    label(say);
    tray.speak(speech);
    const ask = first && !known;
    nameField.hidden = !look?.ask_name;
    emailField.hidden = !look?.ask_email;
    who.hidden = !ask || (nameField.hidden && emailField.hidden);
    why.hidden = emailField.hidden;
    privacy.hidden = !first || look === null;
    if (!privacy.hidden) showPrivacy(privacy, look?.privacy_url ?? "", speech);
    attach.disabled = acts.door() === null;
    able();
  }

  function label(say: Speech["say"]): void {
    set(text, { "aria-label": say("compose.label"), placeholder: say("compose.hint") });
    write(keys, touch() ? "" : say("compose.keys"));
    set(send, { "aria-label": say("compose.send"), title: say("compose.send") });
    set(attach, { "aria-label": say("compose.attach"), title: say("compose.attach") });
    write(nameField.firstElementChild as Element, `${say("ask.name")} (${say("ask.optional")})`);
    write(emailField.firstElementChild as Element, `${say("ask.email")} (${say("ask.optional")})`);
    write(why, say("ask.why"));
    wrong.dataset["words"] = say("ask.email.wrong");
  }

  requestAnimationFrame(grow);
  const clear = (): void => {
    tray.take();
    for (const field of [text, name, email]) field.value = "";
    grow();
  };
  return { node, render, focus: () => text.focus(), clear, drop: tray.add };
}

function showPrivacy(node: HTMLElement, url: string, { say, language }: Speech): void {
  if (node.dataset["shown"] === url + language) return;
  node.dataset["shown"] = url + language;
  const link = url ? make("a", { href: url, target: "_blank", rel: "noopener" }, say("privacy.link")) : null;
  node.replaceChildren(say("privacy.notice"), ...(link ? [" ", link] : []));
}
