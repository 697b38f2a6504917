// The conversation on the screen: keyed lines, a place at the end that follows, and the way back to it.

import { drawBubble, type Acts, type Drawn, type Speech } from "./bubble";
import { icon, make, set, write } from "./dom";
import type { DayLine, Line } from "./lines";

const NEAR_PX = 48;

export interface Log {
  node: HTMLElement;
  render(lines: Line[], welcome: string, speech: Speech): void;
  atEnd(): boolean;
  toEnd(): void;
}

export function drawLog(acts: Omit<Acts, "grown">, looked: () => void): Log {
  const greeting = make("div", { class: "bubble" });
  const hello = make("div", { class: "line theirs greeting first" }, greeting);
  const list = make("div", { class: "lines", role: "log", "aria-live": "off", "aria-relevant": "additions" }, hello);
  const scroller = make("div", { class: "scroller", tabindex: "0", role: "region" }, list);
  const newest = make("button", { type: "button", class: "newest", hidden: true }, icon("down"), make("span"));
  const node = make("div", { class: "log" }, scroller, newest);
  const drawn = new Map<string, Drawn<Line>>();
  let following = true;
  let calm = 0; // the timer that lets screen readers hear additions, once the history stands

  const grown = (): void => {
    if (following) toEnd();
  };
  scroller.addEventListener("scroll", () => {
    following = near();
    if (following) newest.hidden = true;
    looked();
  });
  newest.addEventListener("click", () => {
    toEnd();
    scroller.focus();
  });
  new ResizeObserver(grown).observe(scroller);

  function near(): boolean {
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
  }

  function toEnd(): void {
    following = true;
    newest.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  function render(lines: Line[], welcome: string, speech: Speech): void {
    set(scroller, { "aria-label": speech.say("log.label") });
    write(newest.lastElementChild as Element, speech.say("log.newest"));
    write(greeting, welcome);
    hello.hidden = welcome === "";
    const added = place(lines, speech);
    if (following || added.some((line) => line.kind === "bubble" && line.state === "waiting")) toEnd();
    else if (added.some((line) => line.kind === "bubble" && line.from !== "visitor")) newest.hidden = false;
    if (lines.length > 0 && calm === 0) calm = window.setTimeout(() => set(list, { "aria-live": "polite" }), 500);
  }

  /** Puts every line where it belongs and touches only what changed; returns what is new. */
  function place(lines: Line[], speech: Speech): Line[] {
    const keys = new Set(lines.map((line) => line.key));
    for (const [key, old] of drawn) {
      if (keys.has(key)) continue;
      old.node.remove();
      drawn.delete(key);
    }
    const added: Line[] = [];
    let after: Element = hello;
    for (const line of lines) {
      let item = drawn.get(line.key);
      if (!item) {
        item = draw(line);
        drawn.set(line.key, item);
        added.push(line);
      }
      item.update(line, speech);
      if (after.nextElementSibling !== item.node) after.after(item.node);
      after = item.node;
    }
    return added;
  }

  function draw(line: Line): Drawn<Line> {
    return (line.kind === "day" ? drawDay() : drawBubble({ ...acts, grown })) as Drawn<Line>;
  }

  return { node, render, atEnd: near, toEnd };
}

function drawDay(): Drawn<DayLine> {
  const time = make("time");
  const node = make("div", { class: "day" }, time);
  return {
    node,
    update({ name, at }, { say }) {
      set(time, { datetime: at });
      write(time, name === "today" ? say("log.today") : name === "yesterday" ? say("log.yesterday") : name);
    },
  };
}

