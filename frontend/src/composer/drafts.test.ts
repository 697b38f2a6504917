import { describe, expect, it } from "vitest";
import { settle } from "@/composer/drafts";

const server = (text: string, updated_at: string) => ({ agent_id: 1, text, note: "", shared: false, updated_at });
const draft = (text: string, kept: boolean, base = "") => ({ text, note: "", shared: false, kept, base });

describe("a draft here and on the server", () => {
  it("is what the server has when nothing was written here since", () => {
    expect(settle(draft("old", true, "1"), server("from my phone", "2"))).toEqual({ ...draft("from my phone", true, "2") });
    expect(settle(draft("sent elsewhere", true, "1"), null).text).toBe("");
  });

  it("is what was written here when the server has not changed", () => {
    expect(settle(draft("longer", false, "1"), server("long", "1"))).toEqual(draft("longer", false, "1"));
    expect(settle(draft("written offline", false), null).text).toBe("written offline");
  });

  it("is both when both changed, the same words once", () => {
    expect(settle(draft("here", false, "1"), server("there", "2")).text).toBe("here\n\nthere");
    expect(settle(draft("same", false, "1"), server("same", "2")).text).toBe("same");
  });
});
