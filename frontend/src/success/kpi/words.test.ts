import { expect, test } from "vitest";
import { shown } from "@/success/kpi/words";

test("nothing counted is a dash, and a ratio is a percentage", () => {
  expect(shown("ratio", null, "ja")).toBe("–");
  expect(shown("ratio", 0.7, "ja")).toBe("70%");
  expect(shown("days", 12, "en")).toBe("12 days");
});
