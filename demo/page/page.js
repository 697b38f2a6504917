// The page: language, tabs, sample sign-ins, and the devices.

import * as line from "./line.js";
import * as mail from "./mail.js";
import * as phone from "./phone.js";
import { ask, find, make, remember, remembered } from "./tools.js";
import { apply, choose, current, onLanguage, t } from "./words.js";

const TABS = [
  ["line", "tabLine"],
  ["mail", "tabMail"],
  ["shop", "tabShop"],
  ["telephone", "tabPhone"],
  ["desk", "tabDesk"],
];
const buttons = new Map();

function tabs() {
  for (const [device, word] of TABS) {
    const label = make("span", { "data-t": word });
    const button = make("button", { type: "button", role: "tab", "aria-controls": device, onclick: () => show(device) }, label);
    buttons.set(device, button);
    find("tabs").append(button);
  }
  const asked = location.hash.slice(1);
  show(buttons.has(asked) ? asked : remembered("tab") || "line");
  scrollTo(0, 0);
}

function show(device) {
  remember("tab", device);
  for (const [name, button] of buttons) {
    button.setAttribute("aria-selected", String(name === device));
    find(name).classList.toggle("shown", name === device);
  }
  buttons.get(device).classList.remove("news");
}

function news(device) {
  if (buttons.get(device).getAttribute("aria-selected") !== "true") buttons.get(device).classList.add("news");
}

async function signIns() {
  const people = await ask("sign-ins");
  const draw = () =>
    find("sign-ins").replaceChildren(
      ...people.map((one) =>
        make("li", {}, make("b", { text: one.name }), make("span", { class: "role", text: t("roles")[one.role] ?? one.role }), make("code", { text: one.email }), make("code", { text: one.password })),
      ),
    );
  onLanguage(draw);
  draw();
}

function shop() {
  const address = () => `/demo/shop/?lang=${current()}`;
  const frame = find("shop-frame");
  frame.src = address();
  onLanguage(() => {
    if (!frame.src.endsWith(address())) frame.src = address();
  });
}

tabs();
onLanguage(() => (find("language").textContent = t("language")));
find("language").addEventListener("click", () => choose(current() === "ja" ? "en" : "ja"));
apply();
shop();
await Promise.all([signIns(), line.begin(() => news("line")), mail.begin(() => news("mail")), phone.begin(news)]);
apply();
