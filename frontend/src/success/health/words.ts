// How health is told: the tone of a colour, a measure's name, points with their sign.
export const tone = (colour: string): string => ({ blue: "ai", yellow: "soon", red: "late" })[colour] ?? "";
export const measureKey = (code: string): string => `health.measures.${code.replace(".", "_")}`;
export const signed = (points: number): string => (points > 0 ? `+${points}` : points < 0 ? `−${Math.abs(points)}` : "±0");
