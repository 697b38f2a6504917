// What a key means at the desk. Pure, so that the rule "never while somebody writes or composes" can be tested.

export type Move =
  | "next" | "previous" | "open" | "reply" | "note" | "claim" | "resolve" | "snooze" | "search" | "help" | "back" | "accept" | "decline" | "take"
  | "go" | "go-mine" | "go-unassigned" | "go-open";

export interface Stroke {
  key: string;
  isComposing?: boolean;
  keyCode?: number;
  ctrlKey?: boolean;
  metaKey?: boolean;
  altKey?: boolean;
}

export const moves: Record<string, Move> = {
  j: "next", k: "previous", o: "open", Enter: "open", r: "reply", n: "note", a: "claim", e: "resolve", s: "snooze",
  "/": "search", "?": "help", Escape: "back", g: "go",
  y: "accept", x: "decline", q: "take",
};

const places: Record<string, Move> = { m: "go-mine", u: "go-unassigned", o: "go-open" };

/** An input method is at work: its Enter chooses a word and sends nothing. 229 is what older engines report. */
export const composing = (stroke: Stroke): boolean => stroke.isComposing === true || stroke.keyCode === 229;

export const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) &&
  !["checkbox", "radio", "button"].includes((target as HTMLInputElement).type);

export function moveFor(stroke: Stroke, inText: boolean, afterGo: boolean): Move | null {
  if (composing(stroke) || stroke.ctrlKey || stroke.metaKey || stroke.altKey) return null;
  if (inText) return stroke.key === "Escape" ? "back" : null;
  if (afterGo) return places[stroke.key] ?? null;
  return moves[stroke.key] ?? null;
}

/** Ctrl or Cmd with Enter sends; a bare Enter makes a line, and never while composing. */
export const sends = (stroke: Stroke): boolean =>
  stroke.key === "Enter" && (stroke.ctrlKey === true || stroke.metaKey === true) && !composing(stroke);
