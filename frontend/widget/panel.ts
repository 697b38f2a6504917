// The panel: head, notices, log, who is typing, ended or composer. Draws what it is given and decides nothing.

import type { Speech } from "./bubble";
import { drawComposer, touch, type ComposerActs } from "./composer";
import { icon, make, set, write } from "./dom";
import { linesOf } from "./lines";
import { drawHelp, type Help, type HelpActs } from "./help";
import { drawLog } from "./log";
import type { Thread } from "./thread";
import { sayIn, type Key } from "./words";

export interface PanelActs extends ComposerActs, Pick<HelpActs, "look"> {
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
  help: Help;
  render(thread: Thread, language: Speech["language"], identified: boolean): void;
  focus(): void;
  atEnd(): boolean;
  clear(): void;
}

export function drawPanel(acts: PanelActs, kept: string, closable: boolean): Panel {
  const title = make("h1", { id: "title", tabindex: "-1" });
  const status = make("p", { class: "status" });
  const language = make("button", { type: "button", class: "language" });
  const books = make("button", { type: "button", class: "round books", "aria-pressed": "false", hidden: true }, icon("book"));
  const close = make("button", { type: "button", class: "round close", hidden: !closable }, icon("close"));
  const head = make("header", {}, make("div", { class: "names" }, title, status), language, books, close);
  const line = make("p", { class: "notice", role: "status", hidden: true });
  const alert = make("p", { class: "notice alert", role: "alert", hidden: true });
  const away = make("p", { class: "notice away", hidden: true });
  const log = drawLog(acts, acts.looked);
  const help = drawHelp({
    look: acts.look,
    person: () => {
      browse(false);
      composer.focus();
    },
  });
  let browsing: boolean | null = null; // null: nobody has chosen, articles show until something is said
  let said = 0; // messages of both sides
  let shown: [Thread, Speech["language"], boolean] | null = null;
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
    ...[head, make("div", { class: "notices" }, line, alert, away), help.node, log.node, typing, ended, composer.node, cover],
  );

  language.addEventListener("click", acts.switchLanguage);
  books.addEventListener("click", () => {
    browse(help.node.hidden === true);
    if (help.node.hidden) return;
    help.ask();
    help.focus();
  });
  close.addEventListener("click", acts.close);
  anew.addEventListener("click", acts.anew);
  resume.addEventListener("click", () => {
    acts.resume();
    composer.focus();
  });
  takeDrops(node, cover, composer.drop);

  function browse(wanted: boolean | null): void {
    browsing = wanted;
    if (shown) render(...shown);
  }

  function showHelp(thread: Thread, speech: Speech): void {
    const count = thread.messages.length + thread.outbox.length;
    if (count > said) browsing = null; // something was said: that comes first
    said = count;
    const silent = count === 0;
    const there = thread.look?.articles === true && thread.refused === null;
    help.node.hidden = !there || !(browsing ?? silent);
    log.node.hidden = !help.node.hidden;
    books.hidden = !there;
    const label = speech.say(help.node.hidden ? "help.open" : "help.chat");
    set(books, { "aria-label": label, title: label, "aria-pressed": String(!help.node.hidden) });
    help.render(speech);
  }

  function render(thread: Thread, tongue: Speech["language"], identified: boolean): void {
    shown = [thread, tongue, identified];
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
    showHelp(thread, speech);
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

  const atEnd = (): boolean => !log.node.hidden && log.atEnd();
  const clear = (): void => {
    browsing = null;
    composer.clear();
  };
  return { node, help, render, focus, atEnd, clear };
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
