// The shop's own few lines: its buttons open the chat and sign the member in and out.
"use strict";

const member = document.querySelector("[data-member]");
const leave = document.querySelector("[data-leave]");
const name = document.querySelector(".member-name");

async function identity() {
  const answer = await fetch("identity");
  return (await answer.json()).token;
}

function show(signedIn) {
  member.hidden = signedIn;
  leave.hidden = name.hidden = !signedIn;
  sessionStorage.setItem("shop:member", signedIn ? "1" : "");
  if (signedIn) window.Mikawaya.identify(identity);
}

function begin() {
  document.querySelector("[data-ask]").addEventListener("click", () => window.Mikawaya.open());
  member.addEventListener("click", () => show(true));
  leave.addEventListener("click", () => {
    show(false);
    window.Mikawaya.logout();
  });
  if (sessionStorage.getItem("shop:member")) show(true);
}

if (window.Mikawaya) begin();
else window.addEventListener("mikawaya:ready", begin, { once: true });
