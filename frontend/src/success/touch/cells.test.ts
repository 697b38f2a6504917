import { describe, expect, it } from "vitest";
import { blank, deciding, exceptions, samePlace } from "@/success/touch/cells";

const cells = [
  { ...blank("*", "*"), owner: "support" as const },
  { ...blank("high", "*"), owner: "pool" as const },
  { ...blank("high", "contract"), owner: "manager" as const },
  { ...blank("high", "contract"), hours: "out" },
];

describe("the matrix on screen", () => {
  it("shows the cell that names most", () => {
    expect(deciding(cells, blank("low", "howto"))?.owner).toBe("support");
    expect(deciding(cells, blank("high", "howto"))?.owner).toBe("pool");
    expect(deciding(cells, blank("high", "contract"))?.owner).toBe("manager");
    expect(deciding([], blank("low", "howto"))).toBeNull();
  });
  it("keeps what holds only in some hours apart", () => {
    expect(exceptions(cells, "high", "contract")).toEqual([cells[3]]);
    expect(samePlace(cells[2]!, cells[3]!)).toBe(false);
  });
});
