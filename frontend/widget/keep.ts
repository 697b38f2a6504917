// What outlives a page: kept in the frame's own localStorage, under the widget's name. Messages are not kept (the server
// has them). Browsers close that storage to a frame of another site now and then (private windows, blocked cookies): then
// the page around us keeps it (`mirror`), and gives it back through `fill` (W2).

import type { Draft } from "./thread";

export interface Keep {
  get(name: string): string | null;
  set(name: string, value: string | null): void;
  drafts(): Draft[];
  keepDrafts(now: Draft[], before: Draft[]): void;
  fill(notes: Record<string, string>): void;
  clear(): void;
}

export interface Options {
  storage?: Storage | null;
  mirror?: (name: string, value: string | null) => void;
  always?: boolean; // mirror everything, also what our own storage keeps
}

const OUT = "out:"; // one entry a draft, so that two tabs do not overwrite each other

export function openKeep(widget: string, { storage = reachable(), mirror, always = false }: Options = {}): Keep {
  const prefix = `mikawaya:${widget}:`;
  const memory = new Map<string, string>();

  const get = (name: string): string | null => memory.get(name) ?? attempt(() => storage?.getItem(prefix + name) ?? null);

  function set(name: string, value: string | null): void {
    const stored = attempt(() => {
      if (value === null) storage?.removeItem(prefix + name);
      else storage?.setItem(prefix + name, value);
      return storage !== null;
    });
    if (value === null) memory.delete(name);
    else if (!stored) memory.set(name, value);
    if (!stored || always) mirror?.(name, value);
  }

  function fill(notes: Record<string, string>): void {
    for (const [name, value] of Object.entries(notes)) if (get(name) === null) memory.set(name, value);
  }

  function names(): string[] {
    const stored = attempt(() => Object.keys(storage ?? {}).filter((key) => key.startsWith(prefix))) ?? [];
    return [...new Set([...stored.map((key) => key.slice(prefix.length)), ...memory.keys()])];
  }

  function drafts(): Draft[] {
    const kept = names().filter((name) => name.startsWith(OUT)).map((name) => parsed(get(name)));
    return kept.filter((draft) => draft !== null).sort((a, b) => a.at.localeCompare(b.at));
  }

  function keepDrafts(now: Draft[], before: Draft[]): void {
    const here = new Set(now.map((draft) => draft.client_id));
    for (const draft of before) if (!here.has(draft.client_id)) set(OUT + draft.client_id, null);
    for (const draft of now) if (!before.includes(draft)) set(OUT + draft.client_id, JSON.stringify(draft));
  }

  return { get, set, drafts, keepDrafts, fill, clear: () => names().forEach((name) => set(name, null)) };
}

function parsed(text: string | null): Draft | null {
  const draft = attempt(() => JSON.parse(text ?? "null") as Draft | null);
  return draft && typeof draft.client_id === "string" && typeof draft.text === "string" && Array.isArray(draft.files) ? draft : null;
}

function reachable(): Storage | null {
  return attempt(() => window.localStorage);
}

function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
