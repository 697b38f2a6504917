import { describe, expect, it } from "vitest";
import { brief, fileSize, lasting, snoozeChoices, span, urgency } from "@/time";

const now = Date.parse("2026-03-02T03:00:00Z");
const inMinutes = (minutes: number): string => new Date(now + minutes * 60_000).toISOString();

describe("urgency", () => {
  const row = (due: number | null, since = -30, status = "open" as const) => ({ status, due_at: due === null ? null : inMinutes(due), needs_reply_since: inMinutes(since) });

  it("is late behind the deadline, soon in its last quarter or ten minutes, else waiting", () => {
    expect(urgency(row(-1), now)).toBe("late");
    expect(urgency(row(9), now)).toBe("soon");
    expect(urgency(row(40, -200), now)).toBe("soon");
    expect(urgency(row(40, -30), now)).toBe("waiting");
    expect(urgency(row(null), now)).toBe("waiting");
  });

  it("is none where nobody waits", () => {
    expect(urgency({ status: "resolved", due_at: inMinutes(-5), needs_reply_since: null }, now)).toBe("none");
    expect(urgency({ status: "open", due_at: null, needs_reply_since: null }, now)).toBe("none");
  });
});

describe("times", () => {
  it("are told in the units that matter", () => {
    expect(span(45_000)).toEqual({ key: "seconds", a: 45, b: 0 });
    expect(span(12 * 60_000)).toEqual({ key: "minutes", a: 12, b: 0 });
    expect(span(3.5 * 3600_000)).toEqual({ key: "hours", a: 3, b: 30 });
    expect(span(50 * 3600_000)).toEqual({ key: "days", a: 2, b: 0 });
    expect(lasting(65)).toBe("1:05");
    expect(fileSize(1536)).toBe("2 kB");
  });

  it("are shown in the reader's words", () => {
    expect(brief("2026-01-15T03:00:00Z", "ja", now)).toBe("1月15日");
    expect(brief("2026-01-15T03:00:00Z", "en", now)).toBe("15 Jan");
  });

  it("to sleep until lie in the future, Monday too on a Monday", () => {
    const monday = new Date(2026, 2, 2, 8).getTime();
    for (const choice of snoozeChoices(monday)) expect(choice.at.getTime()).toBeGreaterThan(monday);
    expect(snoozeChoices(monday).find((choice) => choice.key === "monday")!.at.getDate()).toBe(9);
  });
});
