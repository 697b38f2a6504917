// Runs before the first paint so that neither theme nor language flashes. A file, not inline: the page's CSP forbids inline scripts.
(function () {
  try {
    var theme = localStorage.getItem("mikawaya.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    var language = localStorage.getItem("mikawaya.language") || (/^ja/i.test(navigator.language) ? "ja" : "en");
    document.documentElement.lang = language;
  } catch {
    document.documentElement.lang = "ja";
  }
})();
