// Colours that can be read: whatever brand colour a shop chooses, text on it and text in it keeps 4.5:1 (W13).

type Rgb = [number, number, number];

const AA = 4.5;

export function parse(hex: string): Rgb | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  return found ? (found.slice(1, 4).map((pair) => parseInt(pair, 16)) as Rgb) : null;
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** White or black, whichever reads better on the colour: one of them always has 4.5:1. */
export function inkOn(color: string): "#ffffff" | "#000000" {
  return contrast(color, "#ffffff") >= AA ? "#ffffff" : "#000000";
}

/** The colour itself when it reads as text on the ground, else the nearest shade of it that does. */
export function readableOn(color: string, ground: string): string {
  const goal = luminance(ground) > 0.18 ? "#000000" : "#ffffff";
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(color, goal, share);
    if (contrast(shade, ground) >= AA) return shade;
  }
  return goal;
}

export function mix(a: string, b: string, share: number): string {
  const [one, other] = [parse(a) ?? [0, 0, 0], parse(b) ?? [0, 0, 0]];
  const mixed = one.map((value, at) => Math.round(value + ((other[at] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(hex: string): number {
  const [r, g, b] = (parse(hex) ?? [0, 0, 0]).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
