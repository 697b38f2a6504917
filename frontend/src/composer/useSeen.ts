// What its writer has had before their eyes: a message counts once it has stood on a visible page for a moment.
import { onBeforeUnmount, watch } from "vue";

const READ_MS = 2000;

/** `last`: the newest message's id. Returns the newest one that was seen. */
export function useSeen(last: () => number): () => number {
  let seen = last();
  let reading: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(reading);
    if (document.visibilityState !== "visible") return;
    const shown = last();
    reading = setTimeout(() => (seen = Math.max(seen, shown)), READ_MS);
  }

  const unwatch = watch(last, look);
  document.addEventListener("visibilitychange", look);
  onBeforeUnmount(() => {
    unwatch();
    clearTimeout(reading);
    document.removeEventListener("visibilitychange", look);
  });
  return () => seen;
}
