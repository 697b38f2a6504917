// Articles before the chat: for the page that the visitor is on, popular ones, a search, and one to read. The composer stays
// below: a person is always one step away (K9). It shows by itself until something has been said.

import type { Speech } from "./bubble";
import { icon, make, set, write } from "./dom";
import { drawMarkup } from "./markup";
import type { Article, Found, HelpFrame, Listed, Opened } from "./protocol";

const WAIT_MS = 350; // after a key, before what is written so far is looked for

export interface HelpActs {
  look(frame: HelpFrame): void;
  person(): void; // they would rather ask
}

export interface Help {
  node: HTMLElement;
  hear(frame: Found | Opened): void;
  about(title: string): void; // the page around us
  ask(): void; // what to begin with
  render(speech: Speech): void;
  focus(): void;
}

export function drawHelp(acts: HelpActs): Help {
  const field = make("input", { type: "search", maxlength: "200", autocomplete: "off" });
  const go = make("button", { type: "submit" });
  const seek = make("form", { class: "seek", role: "search" }, field, go);
  const told = make("h2", { "aria-live": "polite" });
  const list = make("ul", { class: "articles" });
  const home = make("div", {}, seek, told, list);
  const back = make("button", { type: "button", class: "back" }, icon("back"), make("span"));
  const title = make("h2", { tabindex: "-1" });
  const body = make("div", { class: "body" });
  const ask = make("p", { tabindex: "-1" });
  const solved = make("button", { type: "button" });
  const person = make("button", { type: "button", class: "main" });
  const answer = make("div", { class: "answer", role: "status" }, ask, make("div", {}, solved, person));
  const whole = make("a", { class: "whole", target: "_blank", rel: "noopener" });
  const reading = make("article", { hidden: true }, back, title, body, answer, whole);
  const node = make("section", { class: "help", hidden: true }, home, reading);
  let page = "";
  let found: Found | null = null;
  let article: Article | null = null;
  let opening: number | null = null;
  let helped = false;
  let timer = 0;
  let speech: Speech | null = null;

  function find(done: boolean): void {
    window.clearTimeout(timer);
    acts.look({ op: "find", q: field.value.trim(), title: page, done });
  }

  function open(listed: Listed): void {
    opening = listed.id;
    acts.look({ op: "read", article: listed.id });
  }

  field.addEventListener("input", (event) => {
    window.clearTimeout(timer);
    if (!(event as InputEvent).isComposing) timer = window.setTimeout(() => find(false), WAIT_MS);
  });
  field.addEventListener("compositionend", () => (timer = window.setTimeout(() => find(false), WAIT_MS)));
  seek.addEventListener("submit", (event) => {
    event.preventDefault();
    find(true);
  });
  back.addEventListener("click", () => {
    const from = article?.id;
    article = null;
    draw();
    (list.querySelector<HTMLElement>(`[data-id="${from}"]`) ?? field).focus();
  });
  solved.addEventListener("click", () => {
    if (article) acts.look({ op: "helped", article: article.id });
    helped = true;
    draw();
    ask.focus(); // the button that was pressed is gone
  });
  person.addEventListener("click", acts.person);

  function hear(frame: Found | Opened): void {
    if (frame.op === "found") {
      if (frame.q === field.value.trim()) found = frame; // not an answer to what was written before
      draw();
    } else if (frame.id === opening) {
      opening = null;
      article = frame.article ?? { id: frame.id, title: speech?.say("help.gone") ?? "", locale: speech?.language ?? "ja", url: "", parts: [] };
      helped = false;
      fill(article);
      draw();
      node.scrollTop = 0;
      title.focus();
    }
  }

  function fill(shown: Article): void {
    set(title, { lang: shown.locale });
    set(body, { lang: shown.locale });
    write(title, shown.title);
    const parts = shown.parts.map(({ name, nodes }) => make("div", {}, make("h3", { lang: speech?.language ?? null }, name), ...drawMarkup(nodes)));
    body.replaceChildren(...parts);
    set(whole, { href: shown.url || null });
  }

  function draw(): void {
    if (!speech) return;
    home.hidden = article !== null;
    reading.hidden = article === null;
    answer.hidden = article?.parts.length === 0;
    whole.hidden = !article?.url;
    solved.hidden = helped;
    write(ask, speech.say(helped ? "help.thanks" : "help.ask"));
    drawList(speech);
  }

  function drawList({ say, language }: Speech): void {
    const none = found?.why === "search" && found.articles.length === 0;
    const q = found?.q ?? "";
    const head = found?.why === "search" ? (none ? "help.none" : "help.found") : found?.why === "page" ? "help.page" : "help.popular";
    write(told, found && (none || found.articles.length > 0) ? say(head, { q, n: found.articles.length }) : "");
    const rows = (found?.articles ?? []).map((each) => {
      const other = each.locale === language ? null : make("span", { class: "only", lang: language }, ` (${say(`help.only.${each.locale}`)})`);
      const button = make("button", { type: "button", "data-id": String(each.id), lang: each.locale }, each.title, other);
      button.addEventListener("click", () => open(each));
      return make("li", {}, button);
    });
    list.replaceChildren(...rows);
  }

  function render(now: Speech): void {
    const changed = speech?.language !== now.language;
    speech = now;
    if (!changed) return;
    const { say } = now;
    set(node, { "aria-label": say("help.title") });
    set(field, { "aria-label": say("help.seek"), placeholder: say("help.seek") });
    write(go, say("help.go"));
    write(back.lastElementChild as Element, say("help.back"));
    write(solved, say("help.solved"));
    write(person, say("help.person"));
    write(whole, say("help.whole"));
    draw();
  }

  return {
    node,
    hear,
    render,
    about: (named) => (page = named),
    ask: () => {
      if (!node.hidden) find(false);
    },
    focus: () => (article ? title : field).focus(),
  };
}
