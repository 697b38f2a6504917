import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Frame } from "@/api";
import { backoff, connect, type Line } from "@/live/socket";

class Wire {
  static all: Wire[] = [];
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  onopen: () => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  constructor() {
    Wire.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  say(frame: object): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
}

let cursor: string | null = null;
let lines: Line[] = [];
let frames: Frame[] = [];
const begin = () => connect({ url: "ws://x", cursor: () => cursor, frame: (frame) => frames.push(frame), line: (line) => lines.push(line), random: () => 1, make: () => new Wire() as unknown as WebSocket });
const wire = (): Wire => Wire.all.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  [Wire.all, lines, frames, cursor] = [[], [], [], null];
});
afterEach(() => vi.useRealTimers());

describe("the socket", () => {
  it("waits longer each time, never beyond 20 s, and never at the same moment as the others", () => {
    expect([0, 1, 2, 9].map((attempt) => backoff(attempt, 1))).toEqual([500, 1000, 2000, 20_000]);
    expect(backoff(2, 0)).toBe(1000);
  });

  it("says hello with its cursor, first and after every break", () => {
    const socket = begin();
    wire().onopen();
    expect(wire().sent).toEqual([{ op: "hello", cursor: null }]);
    cursor = "42";
    wire().onclose({ code: 1006 });
    expect(lines.at(-1)).toBe("lost");
    vi.advanceTimersByTime(500);
    wire().onopen();
    expect(Wire.all).toHaveLength(2);
    expect(wire().sent).toEqual([{ op: "hello", cursor: "42" }]);
    wire().say({ op: "ready", cursor: "42" });
    expect(lines.at(-1)).toBe("open");
    socket.close();
  });

  it("answers a ping and passes on the rest", () => {
    const socket = begin();
    wire().say({ op: "ping" });
    wire().say({ op: "viewers", ticket: 1, agents: [] });
    expect(wire().sent).toEqual([{ op: "pong" }]);
    expect(frames.map((frame) => frame.op)).toEqual(["viewers"]);
    socket.close();
  });

  it("takes silence for a broken line", () => {
    const socket = begin();
    vi.advanceTimersByTime(60_000);
    expect(lines).toContain("lost");
    socket.close();
  });

  it("does not knock again when the session has ended", () => {
    begin();
    wire().onclose({ code: 4401 });
    vi.advanceTimersByTime(120_000);
    expect(Wire.all).toHaveLength(1);
    expect(lines.at(-1)).toBe("signed-out");
  });

  it("is quiet after it was closed", () => {
    const socket = begin();
    socket.close();
    vi.advanceTimersByTime(120_000);
    expect(Wire.all).toHaveLength(1);
  });
});
