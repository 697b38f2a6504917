import { expect, test } from "vitest";
import { newStep, said } from "@/success/playbooks/words";

test("a text falls back to the other language", () => {
  expect(said({ ja: "電話", en: "" }, "en")).toBe("電話");
  expect(said({ ja: "電話", en: "Call" }, "en")).toBe("Call");
  expect(said(undefined, "ja")).toBe("");
});

test("a new step takes no key that another has", () => {
  const first = newStep([]);
  expect(newStep([{ ...first, key: "s2" }]).key).toBe("s3");
});
