// What is written and not yet sent stays: through switching tickets, a reload, a lost line. The server has it too (useKeptDraft).
import { reactive, watch } from "vue";
import type { FileOut, KeptDraft } from "@/api";
import { keep, recall } from "@/preferences";

export interface Draft {
  text: string;
  note: string;
  mode: "reply" | "note";
  thread: number | null;
  /** The message that the answer quotes. */
  quotes: number | null;
  /** Files of an answer that was called back: the composer takes them over. */
  files: FileOut[];
  /** Colleagues may read it and take it over. */
  shared: boolean;
  /** The server has exactly this. */
  kept: boolean;
  /** The server's time of what it had when the two were last the same; empty: it had none. */
  base: string;
}

const drafts = reactive(new Map<number, Draft>());
const blank = (): Draft => ({ text: "", note: "", mode: "reply", thread: null, quotes: null, files: [], shared: false, kept: true, base: "" });

function stored(ticket: number): Draft {
  try {
    const { text, note, mode, shared, kept, base } = JSON.parse(recall(`draft.${ticket}`) ?? "{}") as Partial<Draft>;
    const found = { text: text ?? "", note: note ?? "", shared: shared ?? false, base: base ?? "" };
    return { ...blank(), ...found, mode: mode === "note" ? "note" : "reply", kept: kept ?? !(found.text || found.note) };
  } catch {
    return blank();
  }
}

export function draftOf(ticket: number): Draft {
  if (!drafts.has(ticket)) {
    drafts.set(ticket, stored(ticket));
    const draft = drafts.get(ticket)!;
    watch(draft, () => keep(`draft.${ticket}`, draft.text || draft.note ? JSON.stringify({ ...draft, files: [] }) : null));
  }
  return drafts.get(ticket)!;
}

type Words = Pick<Draft, "text" | "note" | "shared" | "kept" | "base">;

/** What holds after a look at the server. Words that were written here only are never lost: what came from elsewhere goes behind them. */
export function settle(draft: Words, own: KeptDraft | null): Words {
  const theirs = { text: own?.text ?? "", note: own?.note ?? "", shared: own?.shared ?? false, base: own?.updated_at ?? "" };
  if (draft.kept) return { ...theirs, kept: true };
  if (theirs.base === draft.base || !own) return { text: draft.text, note: draft.note, shared: draft.shared, kept: false, base: theirs.base };
  const both = (mine: string, other: string): string => (mine === other ? mine : [mine, other].filter(Boolean).join("\n\n"));
  return { text: both(draft.text, theirs.text), note: both(draft.note, theirs.note), shared: draft.shared, kept: false, base: theirs.base };
}
