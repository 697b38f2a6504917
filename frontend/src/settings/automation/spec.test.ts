import { describe, expect, it } from "vitest";
import { Problem } from "@/api";
import type { FieldWords } from "@/api/automation";
import { faultsOf, leafFor, reasonsAt, withOp } from "@/settings/automation/spec";

const status: FieldWords = { name: "status", type: "choice", of: "", words: ["open", "pending"], operators: ["is", "is_not", "any_of", "is_set"] };

describe("a condition while it is edited", () => {
  it("begins with something that the server takes", () => {
    expect(leafFor(status)).toEqual({ field: "status", op: "is", value: "open" });
  });

  it("keeps its value where it can when it is asked another way", () => {
    const leaf = { field: "status", op: "is", value: "pending" };
    expect(withOp(leaf, status, "is_not").value).toBe("pending");
    expect(withOp(leaf, status, "any_of").value).toEqual(["pending"]);
    expect(withOp(leaf, status, "is_set").value).toBe(true);
    expect(withOp({ ...leaf, op: "is_set", value: false }, status, "is").value).toBe("open");
    expect(withOp({ ...leaf, op: "any_of", value: ["pending"] }, status, "is").value).toBe("open");
  });

  it("finds the server's faults at their place", () => {
    const refused = new Problem(422, "wrong_rule", "", { fields: [{ at: "actions.1.text", code: "variable" }, { at: "actions.1", code: "shape" }] });
    const faults = faultsOf(refused)!;
    expect(reasonsAt(faults, "actions.1")).toEqual(["shape"]);
    expect(reasonsAt(faults, "actions.1", true)).toEqual(["variable", "shape"]);
    expect(reasonsAt(faults, "actions.10", true)).toEqual([]);
    expect(faultsOf(new Problem(409, "rule_changed"))).toBeNull();
  });
});
