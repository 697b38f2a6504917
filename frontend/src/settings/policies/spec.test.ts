import { describe, expect, it } from "vitest";
import { Problem, type PolicySpec } from "@/api";
import { draftOf, faultsOf, isSound, rowOf, secondsOf, specOf } from "@/settings/policies/spec";

const SPEC: PolicySpec = {
  conditions: [{ field: "tier", any: ["high"] }, { field: "team", any: [3] }],
  hours: "business",
  calendar_id: 2,
  by_team: true,
  targets: { first_response: { urgent: 900, normal: 5400 }, resolution: { normal: 28800 } },
  pauses: { resolution: ["pending"] },
  reopen: "restart",
  steps: [{ percent: 75, metrics: ["resolution"], to: ["assignee", { agent: 7 }] }],
};

describe("a policy in the editor", () => {
  it("comes back as it was", () => expect(specOf(draftOf(SPEC))).toEqual(SPEC));

  it("has no calendar when all time counts", () => {
    expect(specOf({ ...draftOf(SPEC), hours: "elapsed" })).toMatchObject({ hours: "elapsed", calendar_id: null, by_team: false });
  });

  it("shows whole hours as hours and all else in minutes", () => {
    expect(rowOf({ urgent: 3600, low: 7200 }, "callback")).toEqual({ unit: "hours", values: { urgent: "1", high: "", normal: "", low: "2" } });
    expect(rowOf({ urgent: 900, low: 7200 }, "resolution").values).toEqual({ urgent: "15", high: "", normal: "", low: "120" });
  });

  it("reads what people type", () => {
    expect([secondsOf("１５", "minutes"), secondsOf(" 1.5 ", "hours"), secondsOf("", "hours")]).toEqual([900, 5400, null]);
    expect(secondsOf("soon", "minutes")).toBeNaN();
  });

  it("is not sound with a target that is no time, an empty condition or a warning to nobody", () => {
    const draft = draftOf(SPEC);
    expect(isSound(draft)).toBe(true);
    for (const text of ["x", "0", "-1", "999999999"]) {
      expect(isSound({ ...draft, rows: { ...draft.rows, callback: { unit: "minutes", values: { ...draft.rows.callback.values, low: text } } } })).toBe(false);
    }
    expect(isSound({ ...draft, conditions: [{ field: "tag", any: [] }] })).toBe(false);
    expect(isSound({ ...draft, steps: [{ percent: 50, metrics: [], to: [] }] })).toBe(false);
  });

  it("knows where the server found something wrong, and nothing of other errors", () => {
    const wrong = new Problem(422, "wrong_policy", "", { fields: [{ at: "calendar_id", code: "calendar", says: "" }] });
    expect(faultsOf(wrong)).toEqual([{ at: "calendar_id", code: "calendar" }]);
    expect(faultsOf(new Problem(409, "policy_changed"))).toBeNull();
    expect(faultsOf(new TypeError("x"))).toBeNull();
  });
});
