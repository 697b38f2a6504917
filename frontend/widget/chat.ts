// The chat's rim: joins the pure conversation (thread.ts) with the socket, the storage, the page around it and the screen.

import type { ToFrame, ToPage } from "./bridge";
import type { Keep } from "./keep";
import { openLink } from "./link";
import { drawPanel, type PanelActs } from "./panel";
import type { Language, ServerFrame } from "./protocol";
import { joinTabs, type Word } from "./tabs";
import { INDIGO, paint, repainted } from "./theme";
import { uuid } from "./text";
import { apply, begin, unread, type Event, type Wish } from "./thread";

const TYPING_MS = 3000; // at most one frame in this time
const FADE_MS = 6000;
const DEAF_MS = 8000; // a hello without a welcome: the server is another one now, or does not hear

export interface Context {
  widget: string;
  keep: Keep;
  tell(said: ToPage): void;
  language: Language;
  alone: boolean; // in a window of its own: always open, nothing to close
}

export interface Chat {
  hear(said: ToFrame): void; // what the page says
}

export function beginChat(context: Context): Chat {
  const { widget, keep, tell, alone } = context;
  let language = context.language;
  let address = document.referrer;
  let identity: string | null = null;
  let open = alone;
  let typedAt = 0;
  let fading = 0;
  let deaf = 0;
  let thread = begin({
    visitor: keep.get("visitor"),
    thread: keep.get("thread"),
    seen: Number(keep.get("seen") ?? 0),
    seenThread: keep.get("seenThread"),
    outbox: keep.drafts(),
  });

  const link = openLink(location.origin.replace(/^http/, "ws") + "/chat", {
    connecting: () => happen({ type: "connecting" }),
    connected: () => happen({ type: "connected" }),
    lost: () => happen({ type: "lost" }),
    heard: hear,
  });
  const tabs = joinTabs(widget, hearTab);
  const panel = drawPanel(acts(), keep.get("text") ?? "", !alone);

  /** The one place where the conversation changes: next value, storage, frames to send, screen. */
  function happen(event: Event): void {
    const before = thread;
    const [next, wishes] = apply(before, event);
    thread = next;
    remember(before);
    wishes.forEach(send);
    if (next.asked !== before.asked) watch(next.asked !== null);
    if (next !== before) panel.render(thread, language, identity !== null);
    if (next.typing && event.type === "frame") fadeLater();
    const count = unread(thread);
    if (count !== unread(before) || next.link !== before.link) tell({ type: "unread", count });
  }

  function remember(before: typeof thread): void {
    const { visitor, seen, seenThread } = thread;
    if (visitor !== before.visitor) keep.set("visitor", visitor);
    if (thread.thread !== before.thread) keep.set("thread", thread.thread);
    if (seen !== before.seen || seenThread !== before.seenThread) {
      keep.set("seen", String(seen));
      keep.set("seenThread", seenThread);
    }
    if (thread.outbox !== before.outbox) keep.keepDrafts(thread.outbox, before.outbox);
  }

  function send(wish: Wish): void {
    if (wish.op === "hello") link.send({ ...wish, widget, identity, language, page: address });
    else link.send(wish);
    if (wish.op === "seen" && thread.thread) tabs.tell({ type: "seen", thread: thread.thread, seq: wish.seq });
  }

  function hear(frame: ServerFrame): void {
    if (frame.op === "found" || frame.op === "article") return panel.help.hear(frame);
    if (frame.op === "refused") refused(frame.code);
    happen({ type: "frame", frame });
    if (frame.op !== "welcome") return;
    link.calm();
    paint(frame.config.color);
    tell({ type: "look", color: frame.config.color, language });
    if (frame.config.articles) panel.help.ask();
  }

  function refused(code: string): void {
    if (code === "busy") link.slow();
    else if (code === "identity") {
      identity = null; // it expired: go on without it, and ask the page for a fresh one
      tell({ type: "identity" });
    } else link.stop();
  }

  function hearTab(word: Word): void {
    if (word.type === "logout") leave();
    else if (word.type === "seen" && word.thread === thread.thread) happen({ type: "seen", seq: word.seq, elsewhere: true });
  }

  /** While a hello is under way: begins anew on another socket when nobody answers it. */
  function watch(asking: boolean): void {
    window.clearTimeout(deaf);
    if (asking) deaf = window.setTimeout(link.restart, DEAF_MS);
  }

  function fadeLater(): void {
    window.clearTimeout(fading);
    fading = window.setTimeout(() => happen({ type: "faded" }), FADE_MS);
  }

  /** Read is what stands on an open, visible panel that is scrolled to its end (W6). */
  function look(): void {
    if (!open || document.visibilityState !== "visible" || thread.link !== "open") return;
    const newest = thread.messages.findLast((message) => message.from !== "visitor");
    if (newest && newest.seq > thread.seen && panel.atEnd()) happen({ type: "seen", seq: newest.seq, elsewhere: false });
  }

  function leave(): void {
    link.stop();
    keep.clear();
    identity = null;
    panel.clear();
    const { look: shown } = thread;
    thread = begin({ look: shown });
    panel.render(thread, language, false);
    tell({ type: "unread", count: 0 });
    if (open) link.start();
  }

  function acts(): PanelActs {
    return {
      say: (said) => {
        tell({ type: "talked" });
        const at = new Date().toISOString();
        happen({ type: "said", draft: { ...said, client_id: uuid(), at, state: "waiting" } });
      },
      typing: () => {
        if (Date.now() - typedAt < TYPING_MS || thread.link !== "open") return;
        typedAt = Date.now();
        link.send({ op: "typing" });
      },
      written: (text) => keep.set("text", text || null),
      door: () =>
        thread.visitor && thread.link === "open"
          ? { url: `/chat/files?${new URLSearchParams({ widget }).toString()}`, visitor: thread.visitor }
          : null,
      again: (client_id) => happen({ type: "again", client_id }),
      discard: (client_id) => happen({ type: "discarded", client_id }),
      choose: (data) => happen({ type: "chose", choice: { op: "choose", data } }),
      resume: () => happen({ type: "resumed" }),
      anew: () => happen({ type: "anew" }),
      close: () => tell({ type: "close" }),
      switchLanguage: () => {
        language = language === "ja" ? "en" : "ja";
        keep.set("language", language);
        speak();
        if (thread.link === "open") happen({ type: "connected" }); // asks for the title and the welcome in it
      },
      look: (frame) => {
        if (thread.link === "open") link.send(frame);
      },
      looked: () => queueMicrotask(look),
    };
  }

  function speak(): void {
    document.documentElement.lang = language;
    panel.render(thread, language, identity !== null);
    document.title = thread.look?.title ?? "Chat";
  }

  function hearPage(said: ToFrame): void {
    if (said.type === "open") {
      open = true;
      address = said.page;
      panel.help.about(said.title ?? "");
      link.start();
      panel.focus();
      look();
    } else if (said.type === "closed") open = false;
    else if (said.type === "identify") {
      identity = said.token;
      link.restart();
    } else if (said.type === "logout") {
      tabs.tell({ type: "logout" });
      leave();
    }
  }

  document.addEventListener("visibilitychange", look);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) tell({ type: "close" });
  });

  paint(INDIGO);
  repainted(() => thread.look?.color ?? INDIGO);
  document.body.append(panel.node);
  speak();
  if (open || thread.visitor) link.start();
  return { hear: hearPage };
}
