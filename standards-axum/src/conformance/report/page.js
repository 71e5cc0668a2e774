"use strict";
(function () {
  var root = document.documentElement, form = document.getElementById("filters"), shown = document.getElementById("shown");
  document.getElementById("language").addEventListener("click", function () {
    root.lang = root.lang === "es" ? "en" : "es";
    count();
  });
  function count() {
    var rules = document.querySelectorAll(".rule"), left = document.querySelectorAll(".rule:not([hidden])");
    shown.textContent = left.length + " / " + rules.length + (root.lang === "es" ? " reglas" : " rules");
  }
  function filter() {
    var level = form.elements.level.value, status = form.elements.status.value;
    document.querySelectorAll(".rule").forEach(function (rule) {
      rule.hidden = (level && rule.dataset.level !== level) || (status && rule.dataset.status !== status) ? true : false;
    });
    document.querySelectorAll(".family").forEach(function (family) {
      family.hidden = !family.querySelector(".rule:not([hidden])");
    });
    count();
  }
  form.addEventListener("change", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".rule").forEach(function (rule) { rule.open = rule.dataset.status === "broken"; });
  });
  function reveal() {
    var rule = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (rule) { rule.hidden = false; rule.open = true; }
  }
  window.addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
