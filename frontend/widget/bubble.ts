// One line of the log as an element that changes in place: a draft becomes a message without being read out again.

import { icon, make, set, write } from "./dom";
import type { Bubble } from "./lines";
import type { Language, SentFile } from "./protocol";
import { clock, languageOf, linked, size } from "./text";
import type { Key, Say } from "./words";

export interface Acts {
  again(client_id: string): void;
  discard(client_id: string): void;
  choose(data: string): void;
  grown(): void; // a picture came in, the line is higher now
}

export interface Speech {
  say: Say;
  language: Language;
}

export interface Drawn<T> {
  node: HTMLElement;
  update(line: T, speech: Speech): void;
}

export function drawBubble(acts: Acts): Drawn<Bubble> {
  const who = make("div", { class: "who" });
  const body = make("div", { class: "bubble" });
  const time = make("time");
  const state = make("span", { class: "state" });
  const buttons = make("span", { class: "buttons" });
  const under = make("div", { class: "under" }, time, state, buttons);
  const choices = make("div", { class: "choices", role: "group" });
  const node = make("div", { class: "line" }, who, body, choices, under);
  let shown = "";
  let offered = "";

  function update(line: Bubble, speech: Speech): void {
    const { say, language } = speech;
    const mine = line.from === "visitor";
    set(node, { class: `line ${mine ? "mine" : "theirs"} ${line.first ? "first" : ""} ${line.state}` });
    write(who, mine ? say("log.you") : line.name || say(line.from === "machine" ? "log.machine" : "log.agent"));
    set(who, { class: mine || !line.first ? "who hidden" : "who" });
    const now = JSON.stringify([line.text, line.unsent, line.files, language]);
    if (now !== shown) fill(line, speech);
    shown = now;
    set(time, { datetime: line.at, class: line.timed ? null : "hidden" });
    set(under, { class: line.timed || line.state ? "under" : "under hidden" });
    write(time, clock(line.at, language));
    write(state, line.state ? say(`state.${line.state}` as Key) : "");
    showButtons(line, say);
    showChoices(line);
  }

  /** Answers to tap; once one is chosen they stay, so that it can be seen which. */
  function showChoices({ asks, unsent, text }: Bubble): void {
    const now = JSON.stringify([asks, unsent]);
    if (now === offered) return;
    offered = now;
    const { choices: given, chosen } = asks && !unsent ? asks : { choices: [], chosen: null };
    set(choices, { hidden: given.length === 0, "aria-label": text });
    choices.replaceChildren(
      ...given.map(({ label, data }) => {
        const button = make("button", { type: "button", disabled: chosen !== null, "aria-pressed": String(chosen === data) }, label);
        button.addEventListener("click", () => acts.choose(data));
        return button;
      }),
    );
    acts.grown();
  }

  function fill(line: Bubble, { say, language }: Speech): void {
    set(body, { class: line.unsent ? "bubble gone" : "bubble" });
    if (line.unsent) return body.replaceChildren(say("log.unsent"));
    const text = make("p", { class: "text", lang: languageOf(line.text, language) }, ...linked(line.text).map(drawPiece));
    const files = line.files.map((file) => drawFile(file, say, acts.grown));
    body.replaceChildren(...(line.text ? [text] : []), ...files);
  }

  function showButtons(line: Bubble, say: Say): void {
    const failed = line.state === "failed" && line.client_id !== null;
    if (failed === buttons.hasChildNodes()) return;
    const id = line.client_id ?? "";
    buttons.replaceChildren(
      ...(failed ? [plain(say("act.again"), () => acts.again(id)), plain(say("act.discard"), () => acts.discard(id))] : []),
    );
  }

  return { node, update };
}

function plain(words: string, act: () => void): HTMLButtonElement {
  const button = make("button", { type: "button", class: "plain" }, words);
  button.addEventListener("click", act);
  return button;
}

function drawPiece({ text, href }: { text: string; href?: string }): Node {
  if (!href) return document.createTextNode(text);
  return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

function drawFile(file: SentFile, say: Say, grown: () => void): HTMLElement {
  const url = safe(file.url);
  const preview = safe(file.preview_url);
  if (preview && file.media_type.startsWith("image/")) {
    const image = make("img", { src: preview, alt: file.name, loading: "lazy", decoding: "async" });
    image.addEventListener("load", grown);
    return make("a", { class: "picture", href: url ?? preview, target: "_blank", rel: "noopener", "aria-label": file.name }, image);
  }
  const words = make("span", {}, make("span", { class: "name" }, file.name), make("span", { class: "size" }, size(file.size)));
  if (!url) return make("span", { class: "file" }, icon("file"), words);
  const label = say("file.download", { name: file.name });
  return make("a", { class: "file", href: url, target: "_blank", rel: "noopener", download: file.name, "aria-label": label }, icon("file"), words);
}

/** A file's address on our own origin, or of the web; nothing that runs. */
function safe(url: string | null): string | null {
  return url && /^(https?:\/\/|\/(?!\/)|blob:)/.test(url) ? url : null;
}
