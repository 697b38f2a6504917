// A rule while it is edited. Pure: what a new line of it says, and where the server found a fault.
import { Problem } from "@/api";
import type { Deed, FieldWords, Group, Leaf, Node } from "@/api/automation";

export interface Fault {
  at: string;
  code: string;
  rules: string[]; // of a circle
}

export const isLeaf = (node: Node): node is Leaf => "field" in node;
export const nameOf = (group: Group): "all" | "any" => ("all" in group ? "all" : "any");
export const nodesOf = (group: Group): Node[] => ("all" in group ? group.all : group.any);
export const groupOf = (name: "all" | "any", nodes: Node[]): Group => (name === "all" ? { all: nodes } : { any: nodes });

/** What a field is first compared with: always something that the server takes, or nothing where a person has to choose. */
export function firstValue(field: FieldWords, op: string): unknown {
  if (op === "is_set") return true;
  if (op === "any_of") return [];
  if (field.type === "choice" || field.type === "choices") return field.words[0];
  if (field.type === "flag" || field.type === "open") return true;
  if (field.type === "number") return 1;
  if (field.type === "since" || field.type === "until") return 24;
  return field.type === "text" ? "" : null;
}

export function leafFor(field: FieldWords, op = field.operators[0]!): Leaf {
  return { field: field.name, op, value: firstValue(field, op) };
}

export function withOp(leaf: Leaf, field: FieldWords, op: string): Leaf {
  const many = (each: string): boolean => each === "any_of";
  const keeps = op !== "is_set" && leaf.op !== "is_set" && many(op) === many(leaf.op);
  const value = keeps ? leaf.value : many(op) && leaf.op !== "is_set" && leaf.value !== null && leaf.value !== "" ? [leaf.value] : firstValue(field, op);
  return { ...leaf, op, value };
}

const FIRST: Record<string, Record<string, unknown>> = {
  assign_agent: { agent: null }, assign_team: { team: null }, add_tag: { tag: null }, remove_tag: { tag: null }, priority: { to: "high" },
  status: { to: "pending" }, reply: { text: "" }, note: { text: "" }, webhook: { webhook: null }, policy: { policy: null }, hand_over: {},
};
export const deedFor = (kind: string): Deed => ({ do: kind, ...FIRST[kind] });

export function faultsOf(error: unknown): Fault[] | null {
  if (!(error instanceof Problem) || error.code !== "wrong_rule" || !Array.isArray(error.params.fields)) return null;
  return (error.params.fields as Partial<Fault>[]).map(({ at, code, rules }) => ({ at: at ?? "", code: code ?? "", rules: rules ?? [] }));
}

/** The reasons at a place, and below it when asked. */
export function reasonsAt(faults: Fault[], at: string, below = false): string[] {
  return [...new Set(faults.filter((one) => one.at === at || (below && one.at.startsWith(`${at}.`))).map((one) => one.code))];
}
