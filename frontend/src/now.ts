// One clock for all counters on the screen, so that they tick together.
import { ref } from "vue";

export const now = ref(Date.now());
setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => (now.value = Date.now()));
