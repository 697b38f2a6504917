// Whether the search box is shown. Ctrl or Cmd with K opens it anywhere, "/" at the desk.
import { ref } from "vue";

export const searchOpen = ref(false);

/** Ctrl+K or Cmd+K, and no other key held; never while an input method is at work. */
export const opensSearch = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && !event.isComposing;
