import { describe, expect, it } from "vitest";
import type { CopyPreview } from "@/api/outreach";
import { audience, isChosen, NO_FILTER, reasons } from "@/success/outreach/words";

describe("outreach", () => {
  it("goes to nobody until somebody is chosen", () => {
    expect(isChosen(audience({}, NO_FILTER))).toBe(false);
    expect(isChosen(audience({ accounts: [3] }, NO_FILTER))).toBe(true);
    expect(isChosen(audience({}, { ...NO_FILTER, renews: "0" }))).toBe(true);
  });

  it("counts who is left out by reason", () => {
    const copies = ["", "never", "no_consent", "no_consent"].map((refused) => ({ refused }) as CopyPreview);
    expect(reasons(copies)).toEqual([["no_consent", 2], ["never", 1]]);
  });
});
