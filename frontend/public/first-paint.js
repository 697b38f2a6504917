// Runs before the first paint so that neither theme nor language flashes. A file, not inline: the page's CSP forbids inline scripts.
(function () {
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  try {
    var theme = localStorage.getItem("mikawaya.theme");
    document.documentElement.dataset.theme = theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light";
    var language = localStorage.getItem("mikawaya.language") || (/^ja/i.test(navigator.language) ? "ja" : "en");
    document.documentElement.lang = language;
  } catch {
    document.documentElement.lang = "ja";
  }
})();
