// Before a ticket is resolved its team may want to know which article helped. The sheet answers this promise.
import { ref, shallowRef } from "vue";
import { learning, type TicketKnowledge, type WaiverReason } from "@/api/learning";

interface Question {
  ticket: number;
  known: TicketKnowledge;
  answer: (go: boolean) => void;
}

export const reasons: readonly WaiverReason[] = ["no_question", "one_off", "personal", "duplicate", "other"];
export const question = shallowRef<Question | null>(null);
/** Rises when something about a ticket's knowledge changed here: what shows it reads again. */
export const learned = ref(0);

/** Whether the ticket may be resolved now. When the desk cannot be asked, the server has the last word. */
export async function captured(ticket: number): Promise<boolean> {
  let known: TicketKnowledge;
  try {
    known = await learning.of(ticket);
  } catch {
    return true;
  }
  if (!known.open) return true;
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ticket,
      known,
      answer: (go) => {
        question.value = null;
        learned.value++;
        resolve(go);
      },
    };
  });
}
