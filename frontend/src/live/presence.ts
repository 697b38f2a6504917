// What this screen looks at and writes in: told to the colleagues' screens.
import { ref } from "vue";

export const openTicket = ref<number | null>(null);
export const typingIn = ref<number | null>(null);
let fading: ReturnType<typeof setTimeout> | undefined;

/** Called at each key stroke; fades after 8 s. */
export function typed(ticket: number): void {
  typingIn.value = ticket;
  clearTimeout(fading);
  fading = setTimeout(() => (typingIn.value = null), 8000);
}

export function stoppedTyping(): void {
  clearTimeout(fading);
  typingIn.value = null;
}
