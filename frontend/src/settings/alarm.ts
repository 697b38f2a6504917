// What is wrong with an inbox, in words. Pure.

interface Alarmed {
  alarm: string;
  alarm_detail: string;
}

interface Words {
  t: (key: string) => string;
  te: (key: string) => boolean;
}

/** The alarm, with its detail: the code of a connection test is said in that test's words. */
export function alarmWords({ alarm, alarm_detail }: Alarmed, { t, te }: Words): string {
  const said = te(`alarm.${alarm}`) ? t(`alarm.${alarm}`) : alarm;
  const [code = "", ...rest] = alarm_detail.split(" ");
  const detail = te(`check.${code}`) ? [t(`check.${code}`), ...rest].join(" ") : alarm_detail;
  return detail ? `${said} (${detail.trim()})` : said;
}
