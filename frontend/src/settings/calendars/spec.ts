// What a calendar says, as the editor holds it. Pure. Times are "HH:MM"; an end that is not after its start is on the next day.
import { Problem, type CalendarSpec, type YearlyClosure } from "@/api";

export type Opening = [string, string];

/** Everything that the server may leave out is there. */
export interface Draft {
  zone: string;
  week: Opening[][];
  country: string;
  closures: Required<YearlyClosure>[];
  days: { date: string; name: string; open: Opening[] }[];
}

export interface Fault {
  at: string;
  code: string;
}

const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
/** "29:00" is "05:00" of the next day: a time input knows 24 hours. */
const within = ([start, end]: Opening): Opening => [start, clock(minutes(end) % 1440)];

/** What a person types for a time: 9, 930, 9:30, ９：３０, 24:00. Null when it is none. */
export function timeOf(text: string): string | null {
  const found = /^(\d{1,2}):?(\d{2})?$/.exec(text.normalize("NFKC").trim());
  const [hour, minute] = [Number(found?.[1]), Number(found?.[2] ?? 0)];
  if (!found || minute > 59 || hour * 60 + minute > 1440) return null;
  return clock((hour * 60 + minute) % 1440);
}

export const overnight = ([start, end]: Opening): boolean => minutes(end) <= minutes(start);
/** Midnight as an end reads better as 24:00. */
export const told = ([start, end]: Opening, next: string): string =>
  `${trimmed(start)}–${end === "00:00" ? "24:00" : overnight([start, end]) ? next + trimmed(end) : trimmed(end)}`;
const trimmed = (time: string): string => time.replace(/^0(?=\d)/, "");

export const closureOf = {
  newYear: { from: "12-29", to: "01-03" },
  obon: { from: "08-13", to: "08-15" },
} as const;

export function draftOf(spec?: CalendarSpec): Draft {
  if (!spec) {
    const workday = (): Opening[] => [["09:00", "18:00"]];
    return { zone: "Asia/Tokyo", week: [0, 1, 2, 3, 4].map(workday).concat([[], []]), country: "JP", closures: [], days: [] };
  }
  return {
    zone: spec.zone,
    week: spec.week.map((openings) => openings.map(within)),
    country: spec.country ?? "",
    closures: (spec.closures ?? []).map((each) => ({ from: each.from, to: each.to, name: each.name ?? "" })),
    days: Object.entries(spec.days ?? {})
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([date, day]) => ({ date, name: day.name ?? "", open: (day.open ?? []).map(within) })),
  };
}

export function specOf(draft: Draft): CalendarSpec {
  const { zone, week, country, closures } = draft;
  const days = Object.fromEntries(draft.days.filter((day) => day.date).map(({ date, name, open }) => [date, { name, open }]));
  return { zone, week, country, closures, days };
}

/** The next opening of a day that has some: after a break of an hour, at most till midnight. */
export function another(openings: Opening[]): Opening {
  const last = openings.at(-1);
  if (!last) return ["09:00", "18:00"];
  const begins = Math.min(overnight(last) ? 0 : minutes(last[1]) + 60, 1380);
  return [clock(begins), clock(Math.min(begins + 180, 1439))];
}

/** Neighbouring days with the same openings, as one line: Mon–Fri 9:00–18:00. */
export function runs(week: Opening[][]): { first: number; last: number; openings: Opening[] }[] {
  const found: { first: number; last: number; openings: Opening[] }[] = [];
  week.forEach((openings, day) => {
    const before = found.at(-1);
    if (before && before.last === day - 1 && JSON.stringify(before.openings) === JSON.stringify(openings)) before.last = day;
    else found.push({ first: day, last: day, openings });
  });
  return found.filter((run) => run.openings.length);
}

/** What the server found wrong in the spec; null for any other error. */
export function faultsOf(error: unknown): Fault[] | null {
  if (!(error instanceof Problem) || error.code !== "wrong_calendar") return null;
  return (error.params.fields as Fault[]) ?? [];
}

/** The reasons at one place of the spec, and inside of it. */
export const reasonsAt = (faults: Fault[], at: string): string[] => [
  ...new Set(faults.filter((fault) => fault.at === at || fault.at.startsWith(`${at}.`)).map((fault) => fault.code)),
];
