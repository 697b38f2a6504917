import { describe, expect, it } from "vitest";
import { Problem } from "@/api";
import { another, draftOf, faultsOf, reasonsAt, runs, specOf, timeOf, told, type Opening } from "@/settings/calendars/spec";

const office: Opening[] = [["09:00", "12:00"], ["13:00", "18:00"]];

describe("a calendar's draft", () => {
  it("comes back as it was, with times as a time input knows them", () => {
    const spec = {
      zone: "Asia/Tokyo", week: [office, [["22:00", "29:00"]], [], [], [], [], []] as Opening[][], country: "JP",
      closures: [{ from: "12-29", to: "01-03", name: "年末年始" }],
      days: { "2026-12-05": { name: "", open: [] }, "2026-08-11": { name: "臨時営業", open: [["10:00", "24:00"]] as Opening[] } },
    };
    const draft = draftOf(spec);
    expect(draft.days.map((day) => day.date)).toEqual(["2026-08-11", "2026-12-05"]);
    expect(specOf(draft)).toEqual({
      ...spec, week: [office, [["22:00", "05:00"]], [], [], [], [], []],
      days: { "2026-12-05": { name: "", open: [] }, "2026-08-11": { name: "臨時営業", open: [["10:00", "00:00"]] } },
    });
  });

  it("leaves out single days without a date", () => {
    expect(specOf({ ...draftOf(), days: [{ date: "", name: "x", open: [] }] }).days).toEqual({});
  });
});

describe("openings", () => {
  it("are told with the night they run into", () => {
    expect(told(["09:00", "18:30"], "翌")).toBe("9:00–18:30");
    expect(told(["22:00", "05:00"], "翌")).toBe("22:00–翌5:00");
    expect(told(["00:00", "00:00"], "翌")).toBe("0:00–24:00");
  });

  it("are summed up where neighbouring days are alike", () => {
    const found = runs([office, office, [], office, office, [], [["10:00", "15:00"]]]);
    expect(found.map((run) => [run.first, run.last])).toEqual([[0, 1], [3, 4], [6, 6]]);
  });

  it("are typed in many ways", () => {
    expect(["9", "930", "0930", "9:30", "９：３０", " 18:00 ", "24:00", "24"].map(timeOf)).toEqual(["09:00", "09:30", "09:30", "09:30", "09:30", "18:00", "00:00", "00:00"]);
    expect(["", "x", "9:3", "25", "24:01", "9:60", "-1", "1e1"].map(timeOf)).toEqual(Array(8).fill(null));
  });

  it("are proposed after a break, and stay within the day", () => {
    expect(another([])).toEqual(["09:00", "18:00"]);
    expect(another([["09:00", "12:00"]])).toEqual(["13:00", "16:00"]);
    expect(another([["09:00", "23:30"]])).toEqual(["23:00", "23:59"]);
    expect(another([["22:00", "05:00"]])).toEqual(["00:00", "03:00"]);
  });
});

describe("what the server refuses", () => {
  it("is found at its place", () => {
    const faults = faultsOf(new Problem(422, "wrong_calendar", "", { fields: [{ at: "week.1.0", code: "time" }, { at: "week", code: "never" }] })) ?? [];
    expect(reasonsAt(faults, "week.1")).toEqual(["time"]);
    expect(reasonsAt(faults, "week")).toEqual(["time", "never"]);
    expect(reasonsAt(faults, "week.10")).toEqual([]);
    expect(faultsOf(new Problem(409, "calendar_changed"))).toBeNull();
  });
});
