// The panel: head, notices, log, who is typing, ended or composer. Draws what it is given and decides nothing.

import type { Speech } from "./bubble";
import { drawComposer, touch, type ComposerActs } from "./composer";
import { icon, make, set, write } from "./dom";
import { linesOf } from "./lines";
import { drawLog } from "./log";
import type { Thread } from "./thread";
import { sayIn, type Key } from "./words";

export interface PanelActs extends ComposerActs {
  again(client_id: string): void;
  discard(client_id: string): void;
  choose(data: string): void;
  resume(): void;
  anew(): void;
  close(): void;
  switchLanguage(): void;
  looked(): void; // the visitor may have seen something: it was drawn, scrolled to, uncovered
}

export interface Panel {
  node: HTMLElement;
  render(thread: Thread, language: Speech["language"], identified: boolean): void;
  focus(): void;
  atEnd(): boolean;
  clear(): void;
}

export function drawPanel(acts: PanelActs, kept: string, closable: boolean): Panel {
  const title = make("h1", { id: "title", tabindex: "-1" });
  const status = make("p", { class: "status" });
  const language = make("button", { type: "button", class: "language" });
  const close = make("button", { type: "button", class: "round close", hidden: !closable }, icon("close"));
  const head = make("header", {}, make("div", { class: "names" }, title, status), language, close);
  const line = make("p", { class: "notice", role: "status", hidden: true });
  const alert = make("p", { class: "notice alert", role: "alert", hidden: true });
  const away = make("p", { class: "notice away", hidden: true });
  const log = drawLog(acts, acts.looked);
  const typist = make("span");
  const dots = make("span", { class: "dots" }, make("i"), make("i"), make("i"));
  const typing = make("div", { class: "typing", "aria-hidden": "true", hidden: true }, dots, typist);
  const endedText = make("p");
  const resume = make("button", { type: "button" });
  const anew = make("button", { type: "button", class: "main" });
  const ended = make("div", { class: "ended", hidden: true }, endedText, make("div", {}, resume, anew));
  const composer = drawComposer(acts, kept);
  const cover = make("p", { class: "cover", "aria-hidden": "true", hidden: true });
  const node = make(
    "div",
    { class: "panel", role: "dialog", "aria-modal": "false", "aria-labelledby": "title" },
    ...[head, make("div", { class: "notices" }, line, alert, away), log.node, typing, ended, composer.node, cover],
  );

  language.addEventListener("click", acts.switchLanguage);
  close.addEventListener("click", acts.close);
  anew.addEventListener("click", acts.anew);
  resume.addEventListener("click", () => {
    acts.resume();
    composer.focus();
  });
  takeDrops(node, cover, composer.drop);

  function render(thread: Thread, tongue: Speech["language"], identified: boolean): void {
    const speech: Speech = { say: sayIn(tongue), language: tongue };
    const { say } = speech;
    const online = thread.look?.online ?? true;
    write(title, thread.look?.title ?? say("panel.label"));
    write(status, thread.look ? say(online ? "head.online" : "head.offline") : "");
    set(status, { class: online ? "status online" : "status" });
    write(language, say("head.language"));
    set(language, { "aria-label": say("head.language.label"), lang: tongue === "ja" ? "en" : "ja" });
    set(close, { "aria-label": say("head.close"), title: say("head.close") });
    notify(thread, say, online);
    log.render(linesOf(thread, new Date(), tongue), thread.look?.welcome ?? "", speech);
    typing.hidden = thread.typing === null;
    write(typist, say("log.typing", { name: thread.typing || say("log.agent") }));
    showEnd(thread, say);
    const first = ![...thread.messages, ...thread.outbox].some((message) => !("from" in message) || message.from === "visitor");
    composer.render(thread.look, first, identified, speech);
    write(cover, say("file.drop"));
    acts.looked();
  }

  function notify(thread: Thread, say: Speech["say"], online: boolean): void {
    const lost = thread.link === "lost" || (thread.link === "connecting" && thread.look === null);
    show(line, lost ? say(thread.link === "lost" ? "link.lost" : "link.connecting") : "");
    const failed = thread.outbox.findLast((draft) => draft.state === "failed")?.code ?? thread.notice;
    const refused = thread.refused ? say(`refused.${thread.refused}` as Key) : "";
    show(alert, refused || (failed ? say(`error.${failed}` as Key) : ""));
    show(away, online || thread.ended ? "" : say("offline.text"));
  }

  function showEnd(thread: Thread, say: Speech["say"]): void {
    const over = thread.ended && thread.messages.length > 0;
    ended.hidden = !over;
    composer.node.hidden = over || thread.refused === "origin" || thread.refused === "widget";
    write(endedText, say("ended.text"));
    write(resume, say("ended.resume"));
    write(anew, say("ended.anew"));
  }

  function focus(): void {
    if (touch() || composer.node.hidden) title.focus();
    else composer.focus();
  }

  return { node, render, focus, atEnd: log.atEnd, clear: composer.clear };
}

function show(node: HTMLElement, words: string): void {
  node.hidden = words === "";
  write(node, words);
}

/** Files dropped anywhere on the panel become attachments. */
function takeDrops(node: HTMLElement, cover: HTMLElement, take: (files: Iterable<File>) => void): void {
  const withFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  node.addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    cover.hidden = false;
  });
  node.addEventListener("dragleave", (event) => {
    if (!node.contains(event.relatedTarget as Node | null)) cover.hidden = true;
  });
  node.addEventListener("drop", (event) => {
    cover.hidden = true;
    if (!withFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer?.files ?? []);
  });
}
