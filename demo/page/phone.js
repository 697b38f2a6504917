// Two telephones on one line: the customer's with a keypad, and the agent's on the desk.

import { ask, every, fill, find, keepAtEnd, make, post, remember, remembered, trouble } from "./tools.js";
import { current, onLanguage, t } from "./words.js";

const FINAL = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);
const who = find("phone-who");
let state = { number: "", callers: [], calls: [] };
let lines = [];
let next = 0;
let mine = remembered("call") || "";
let desk = "";
let rang = "";

export async function begin(news) {
  for (const side of ["phone", "desk"]) keypad(side);
  find("phone-dial").addEventListener("click", () => (called() ? act("answer", mine) : dial()));
  find("phone-hang").addEventListener("click", () => act(called() ? "decline" : "hangup", mine));
  find("desk-answer").addEventListener("click", () => act("answer", desk));
  find("desk-hang").addEventListener("click", () => act(ringing() ? "decline" : "hangup", desk));
  find("phone-speak").addEventListener("submit", (event) => speak(event, mine, find("phone-words"), Number(find("phone-seconds").value)));
  find("desk-speak").addEventListener("submit", (event) => speak(event, desk, find("desk-words"), 2));
  who.addEventListener("change", () => remember("caller", who.value));
  onLanguage(draw);
  every(700, () => poll(news));
}

function keypad(side) {
  find(`${side}-keys`).append(
    ...[..."123456789*0#"].map((key) => make("button", { type: "button", text: key, onclick: () => act("press", side === "phone" ? mine : desk, { keys: key }) })),
  );
}

async function poll(news) {
  const found = await ask(`telephone/state?after=${next}`);
  if (found.next < next || next === 0) lines = [];
  lines.push(...found.lines);
  next = found.next;
  const strangers = found.callers.length !== state.callers.length;
  state = found;
  if (strangers) fill(who, found.callers, remembered("caller") || speaker(found.callers), (one) => one.number, (one) => one.name);
  const incoming = found.calls.find((one) => one.side === "customer" && one.direction === "out" && !FINAL.has(one.status) && one.status !== "in-progress");
  if (incoming && mine !== incoming.call && !live(mine)) {
    mine = incoming.call;
    remember("call", mine);
    if (found.callers.some((one) => one.number === incoming.to)) who.value = incoming.to;
    news("telephone");
  }
  const legs = found.calls.filter((one) => one.side === "agent" && !one.to.startsWith("client:"));
  desk = (legs.findLast((one) => !FINAL.has(one.status)) ?? legs.at(-1))?.call ?? "";
  if (ringing() && rang !== desk) {
    rang = desk;
    news("desk");
  }
  draw();
}

/** Who calls at first: somebody whose name is written as the page is. */
const speaker = (callers) => callers.find((one) => /^[A-Z]/.test(one.name) === (current() === "en"))?.number;

const call = (sid) => state.calls.find((one) => one.call === sid);
const live = (sid) => call(sid) && !FINAL.has(call(sid).status);
/** The desk calls the customer back. */
const called = () => live(mine) && call(mine).direction === "out" && call(mine).status !== "in-progress";
const ringing = () => live(desk) && call(desk).status !== "in-progress";

function named(one) {
  if (!one) return t("idle");
  if (FINAL.has(one.status)) return t("over");
  if (one.status !== "in-progress") return t("dialling");
  if (one.talking) return t("talking");
  return t({ Enqueue: "queued", Record: "recording" }[one.doing] ?? "inCall");
}

function draw() {
  const customer = call(mine);
  find("phone-state").textContent = called() ? t("ringing") : named(customer);
  find("phone-number").textContent = live(mine) && !called() ? minutes(customer.seconds) : pretty(state.number);
  find("phone-dial").disabled = Boolean(live(mine)) && !called();
  find("phone-dial").textContent = t(called() ? "pickUp" : "dial");
  find("phone-hang").textContent = t(called() ? "decline" : "hangUp");
  find("telephone").classList.toggle("rings", Boolean(called()));
  find("phone-hang").disabled = !live(mine);
  find("phone-words").placeholder = find("desk-words").placeholder = t("wordsHint");
  for (const name of ["phone-words", "desk-words"]) find(name).setAttribute("aria-label", t("wordsHint"));
  find("phone-seconds").setAttribute("aria-label", t("secondsShort"));
  heard(find("phone-heard"), mine, t("heardNothing"));

  const leg = call(desk);
  find("desk-state").textContent = !leg ? t("deskQuiet") : ringing() ? t("ringing") : named(leg);
  find("desk-number").textContent = live(desk) ? pretty(leg.to) : "";
  find("desk-answer").disabled = !ringing();
  find("desk-hang").disabled = !live(desk);
  find("desk-hang").textContent = t(ringing() ? "decline" : "hangUp");
  heard(find("desk-heard"), desk, live(desk) && !ringing() && !leg.talking ? t("pressOne") : "");
  find("desk").classList.toggle("rings", Boolean(ringing()));
}

function heard(box, sid, empty) {
  const rows = lines.filter((line) => line.call === sid && sid);
  const drawn = `${sid}/${rows.length}/${empty}`;
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  keepAtEnd(box, () => {
    box.replaceChildren(...rows.map((line) => make("li", { class: line.who === "you" ? "you" : "", text: line.text })));
    if (!rows.length && empty) box.append(make("li", { class: "empty", text: empty }));
  });
}

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
const pretty = (number) => number.replace(/^\+81(50|70|80|90)(\d{4})(\d{4})$/, "0$1-$2-$3").replace(/^\+81(\d)(\d{4})(\d{4})$/, "0$1-$2-$3");

async function dial() {
  trouble(find("phone-trouble"), "");
  try {
    mine = (await post("telephone/dial", { from: who.value })).call;
    remember("call", mine);
  } catch {
    trouble(find("phone-trouble"), t("notTaken"));
  }
}

async function act(name, sid, more = {}) {
  if (!sid || !live(sid)) return;
  await post(`telephone/${name}`, { call: sid, ...more }).catch(() => {});
}

async function speak(event, sid, input, seconds) {
  event.preventDefault();
  await act("speak", sid, { seconds, text: input.value });
  input.value = "";
}
