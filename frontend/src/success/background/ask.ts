// Before a ticket is resolved the desk may want to know what it was about. The sheet answers this promise.
import { shallowRef } from "vue";
import { background, type Background } from "@/api/touch";

interface Question {
  ticket: number;
  known: Background;
  answer: (go: boolean) => void;
}

export const unsaid = shallowRef<Question | null>(null);

/** Whether to go on: at once when the kind is said, or nobody wants it; it is asked for, never enforced. */
export async function kindSaid(ticket: number): Promise<boolean> {
  try {
    const [kinds, known] = await Promise.all([background.kinds(), background.read(ticket)]);
    if (!kinds.ask || known.kind) return true;
    unsaid.value?.answer(false);
    return await new Promise((resolve) => {
      unsaid.value = {
        ticket,
        known,
        answer: (go) => {
          unsaid.value = null;
          resolve(go);
        },
      };
    });
  } catch {
    return true;
  }
}
