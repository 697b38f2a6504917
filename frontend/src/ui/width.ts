// How much room there is: the three layouts of DESIGN.md.
import { ref } from "vue";

export type Room = "narrow" | "middle" | "wide";
const wide = window.matchMedia("(min-width: 1240px)");
const middle = window.matchMedia("(min-width: 900px)");
const measure = (): Room => (wide.matches ? "wide" : middle.matches ? "middle" : "narrow");

export const room = ref<Room>(measure());
for (const query of [wide, middle]) query.addEventListener("change", () => (room.value = measure()));
