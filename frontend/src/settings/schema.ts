// A channel's JSON Schema as fields of a form, and the form's values back as its configuration. Pure.
import type { SchemaField } from "@/api";

export type FieldKind = "text" | "long" | "secret" | "number" | "switch" | "choice" | "lines" | "colour";

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  empty: unknown;
  choices: string[];
  schema: SchemaField;
  advanced: boolean;
}

const LONG = 400;

function resolved(field: SchemaField, root: SchemaField): SchemaField {
  const link = field.$ref ?? field.allOf?.[0]?.$ref;
  const target = link ? root.$defs?.[link.split("/").at(-1) ?? ""] : undefined;
  const real = field.anyOf?.find((one) => one.type !== "null");
  return { ...(target ?? {}), ...(real ? resolved(real, root) : {}), ...field };
}

function kindOf(field: SchemaField & { maxLength?: number }): FieldKind {
  if (field.format === "password" || field.writeOnly) return "secret";
  if (field.format === "color") return "colour";
  if (field.enum) return "choice";
  if (field.type === "boolean") return "switch";
  if (field.type === "integer" || field.type === "number") return "number";
  if (field.type === "array") return "lines";
  return (field.maxLength ?? 0) >= LONG ? "long" : "text";
}

/** What hardly anybody changes stands behind a fold: it has a default and speaks of addresses of programs, voices, limits. */
const rare = /^(api_base|data_base|voice_|next_|default_region|max_|timeout_|authserv_ids|listen_|mime_secret|provider_id|bot_user_id)/;

export function fieldsOf(schema: SchemaField): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const field = resolved(given, schema);
    const required = schema.required?.includes(name) ?? false;
    const nullable = given.anyOf?.some((one) => one.type === "null") ?? false;
    return {
      name,
      kind: kindOf(field),
      required,
      empty: nullable ? null : (field.default ?? ""),
      choices: (field.enum ?? []).map(String),
      schema: field,
      advanced: !required && rare.test(name),
    };
  });
}

export type Values = Record<string, string | number | boolean | null>;

export function initial(fields: Field[], config: Record<string, unknown>): Values {
  return Object.fromEntries(fields.map((field) => {
    const value = config[field.name] ?? field.schema.default;
    if (field.kind === "secret") return [field.name, ""];
    if (field.kind === "switch") return [field.name, value === true];
    if (field.kind === "lines") return [field.name, Array.isArray(value) ? value.join("\n") : ""];
    return [field.name, (value ?? "") as string | number];
  }));
}

/** Secrets that were left empty are not sent: the server keeps the ones that it has. */
export function toConfig(fields: Field[], values: Values): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (field.kind === "secret") {
      if (value) config[field.name] = value;
    } else if (field.kind === "lines") {
      config[field.name] = String(value ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
    } else if (field.kind === "number") {
      config[field.name] = value === "" || value === null ? field.empty : Number(value);
    } else config[field.name] = value ?? field.empty;
  }
  return config;
}

/** The server's reasons by field; none when one of them is of no field of this form, so that it is not lost. */
export function reasonsOf(fields: Field[], params: Record<string, unknown>): Record<string, string> {
  const given = (Array.isArray(params.fields) ? params.fields : []) as { at: string; says: string }[];
  const known = given.every(({ at }) => fields.some((field) => field.name === at.split(".")[0]));
  return known ? Object.fromEntries(given.map(({ at, says }) => [at.split(".")[0] ?? at, says])) : {};
}

export function words(field: Field, language: string): { title: string; help: string } {
  const { schema, name } = field;
  const [title, help] = language === "ja" ? [schema.title_ja, schema.help_ja] : [schema.title_en, schema.help_en];
  return { title: title || schema.title || name, help: help || schema.description || "" };
}
