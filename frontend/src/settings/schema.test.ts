import { describe, expect, it } from "vitest";
import { fieldsOf, initial, toConfig, words } from "@/settings/schema";

const schema = {
  required: ["address"],
  properties: {
    address: { type: "string", title_ja: "アドレス", title_en: "Address", help_ja: "宛先", help_en: "Where to" },
    aliases: { type: "array", items: { type: "string" }, default: [] },
    secret: { type: "string", format: "password", writeOnly: true, default: "" },
    port: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }], default: null },
    tls: { type: "string", enum: ["tls", "none"], default: "tls" },
    ask: { type: "boolean", default: true },
    mode: { $ref: "#/$defs/Mode", default: "b" },
  },
  $defs: { Mode: { type: "string", enum: ["a", "b"] } },
};
const fields = fieldsOf(schema);

describe("a form drawn from a schema", () => {
  it("has one field of the right kind for each property", () => {
    expect(fields.map((field) => [field.name, field.kind])).toEqual([["address", "text"], ["aliases", "lines"], ["secret", "secret"], ["port", "number"], ["tls", "choice"], ["ask", "switch"], ["mode", "choice"]]);
    expect(fields[0]!.required).toBe(true);
  });

  it("speaks both languages", () => {
    expect(words(fields[0]!, "ja")).toEqual({ title: "アドレス", help: "宛先" });
    expect(words(fields[0]!, "en")).toEqual({ title: "Address", help: "Where to" });
  });

  it("gives back what it was given, never an untouched secret", () => {
    const values = initial(fields, { address: "a@b.example", aliases: ["x", "y"], port: null, tls: "none", ask: false });
    expect(toConfig(fields, values)).toEqual({ address: "a@b.example", aliases: ["x", "y"], port: null, tls: "none", ask: false, mode: "b" });
    expect(toConfig(fields, { ...values, secret: "s", port: "25" })).toMatchObject({ secret: "s", port: 25 });
  });
});
