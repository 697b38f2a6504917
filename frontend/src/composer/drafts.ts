// What is written and not yet sent stays: through switching tickets, a reload, a lost line.
import { reactive, watch } from "vue";
import type { FileOut } from "@/api";
import { keep, recall } from "@/preferences";

export interface Draft {
  text: string;
  note: string;
  mode: "reply" | "note";
  thread: number | null;
  /** Files of an answer that was called back: the composer takes them over. */
  files: FileOut[];
}

const drafts = reactive(new Map<number, Draft>());

function stored(ticket: number): Draft {
  try {
    const found = JSON.parse(recall(`draft.${ticket}`) ?? "{}") as Partial<Draft>;
    return { text: found.text ?? "", note: found.note ?? "", mode: found.mode === "note" ? "note" : "reply", thread: null, files: [] };
  } catch {
    return { text: "", note: "", mode: "reply", thread: null, files: [] };
  }
}

export function draftOf(ticket: number): Draft {
  if (!drafts.has(ticket)) {
    drafts.set(ticket, stored(ticket));
    const draft = drafts.get(ticket)!;
    watch(draft, () => keep(`draft.${ticket}`, draft.text || draft.note ? JSON.stringify(draft) : null));
  }
  return drafts.get(ticket)!;
}

