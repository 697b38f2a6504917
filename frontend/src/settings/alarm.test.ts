import { describe, expect, it } from "vitest";
import { alarmWords } from "@/settings/alarm";

const known: Record<string, string> = { "alarm.unreached": "Messages no longer reach us", "check.line_webhook_off": "The webhook is off" };
const words = { t: (key: string) => known[key]!, te: (key: string) => key in known };

describe("L12 what is wrong with an inbox", () => {
  it("names the finding of the connection test in words", () => {
    expect(alarmWords({ alarm: "unreached", alarm_detail: "line_webhook_off https://a.example/x" }, words)).toBe("Messages no longer reach us (The webhook is off https://a.example/x)");
  });

  it("shows what it has no words for as it is", () => {
    expect(alarmWords({ alarm: "unreached", alarm_detail: "" }, words)).toBe("Messages no longer reach us");
    expect(alarmWords({ alarm: "strange", alarm_detail: "500 x" }, words)).toBe("strange (500 x)");
  });
});
