import { expect, it } from "vitest";
import { readable } from "@/ui/names";

it("a machine's id is no name; people, numbers and addresses are", () => {
  expect(["824b29a5d64abf84b9b9174a7aca3290", "U4af4980629a4af4980629a4af4980629", ""].map(readable)).toEqual(["", "", ""]);
  expect(["佐藤 美咲", "Bea", "+819011112222", "a@b.example", "Decade"].map(readable)).toEqual(["佐藤 美咲", "Bea", "+819011112222", "a@b.example", "Decade"]);
});
