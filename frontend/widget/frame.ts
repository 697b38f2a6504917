// The frame's beginning: who asks, in which page, with what was kept; then the chat runs (chat.ts).

import "./frame.css";
import { opened, wrapped, type ToFrame, type ToPage } from "./bridge";
import { beginChat, type Chat } from "./chat";
import { openKeep } from "./keep";
import { pickLanguage } from "./language";

const query = new URLSearchParams(location.search);
const widget = query.get("widget") ?? "";
const origin = query.get("origin") ?? location.origin;
const page = window.parent === window ? null : window.parent; // null: the chat stands alone in its own window
const tell = (said: ToPage): void => page?.postMessage(wrapped(said), origin);
const keep = openKeep(widget, {
  mirror: (name, value) => tell({ type: "keep", name, value }),
  always: query.get("storage") === "page",
});
let chat: Chat | null = page ? null : run();

function run(): Chat {
  const language = pickLanguage(keep.get("language"), query.get("lang"), navigator.language);
  return beginChat({ widget, keep, tell, language, alone: page === null });
}

window.addEventListener("message", (event) => {
  const said = opened<ToFrame>(event, page, origin);
  if (said?.type === "kept") {
    keep.fill(said.notes);
    chat ??= run();
  } else if (said) chat?.hear(said);
});
tell({ type: "ready" });
