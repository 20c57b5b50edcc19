(() => {
  "use strict";
  const form = document.getElementById("what-if-form");
  if (!form) return;
  const data = JSON.parse(form.dataset.whatIf);
  const { levers, words } = data;
  const inputs = [...form.elements].filter((element) => element.name);
  const present = (years, rate) => {
    let sum = 0;
    for (let year = 1; year <= Math.ceil(years); year++) {
      const end = Math.min(year, years);
      sum += (end - (year - 1)) * (1 + rate) ** -end;
    }
    return sum;
  };
  const payback = (initial, yearly) => {
    const months = initial <= 0 ? (yearly >= 0 ? 0 : NaN) : yearly > 0 ? (12 * initial) / yearly : NaN;
    return months <= 120 ? months : null;
  };
  const compute = () => {
    const value = (name) => Number(form.elements[name].value);
    const after = levers.after[value("point")];
    const option = levers.options[value("option")];
    const wrong = (levers.before.wrong - after.wrong) * value("minutes");
    const legitimate = (levers.before.legitimate - after.legitimate) * levers.minutes_legitimate;
    const freed = (wrong + legitimate) / 60;
    const saving = freed * (365 / 7) * value("hour");
    const net = saving - option.yearly - value("licence");
    return { freed, saving, net, npv: net * present(value("years"), levers.rate) - option.initial, payback: payback(option.initial, net) };
  };
  // Three significant digits, as the page writes numbers.
  const shown = (value) => {
    const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
    const step = 10 ** (size - 2);
    const rounded = size > 2 ? Math.round(Math.abs(value) / step) * step : Math.abs(value);
    const [whole, rest = ""] = rounded.toFixed(Math.min(3, Math.max(0, 2 - size))).split(".");
    const tail = rest.replace(/0+$/, "");
    const sign = value < 0 && Number(whole + rest) > 0 ? "\u2212" : "";
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (tail && data.decimal + tail);
  };
  const originals = new Map([...form.querySelectorAll("output")].map((output) => [output, output.textContent]));
  const symbol = originals.get(form.querySelector("[data-out=saving]")).match(/[^\d\s\u202f.,\u2212-]+$/)?.[0] ?? data.currency;
  const text = {
    freed: shown,
    saving: (value) => shown(value) + "\u202f" + symbol,
    npv: (value) => shown(value) + "\u202f" + symbol,
    payback: (value) => (value === null ? words.beyond : value.toFixed(0) + "\u202f" + words.months),
  };
  const update = () => {
    const valid = inputs.every((input) => input.value !== "" && input.checkValidity());
    const changed = inputs.filter((input) => (input.options ? !input.options[input.selectedIndex].defaultSelected : input.value !== input.defaultValue));
    for (const input of inputs) input.closest("tr").classList.toggle("is-changed", changed.includes(input));
    form.querySelector(".changed").hidden = changed.length === 0;
    if (!valid) return;
    const found = compute();
    for (const [output, original] of originals) {
      const name = output.dataset.out;
      output.dataset.value = found[name];
      output.textContent = changed.length ? text[name](found[name]) : original;
    }
    form.querySelectorAll("[data-criterion]").forEach((cell, index) => {
      const { money, least, limit } = data.criteria[index];
      let standing = data.standings[form.elements.point.value][index] ?? data.standings[0][index];
      let word = words[standing];
      if (money && changed.length) {
        const value = found[money] ?? Infinity;
        const holds = least ? value >= limit : value <= limit;
        [standing, word] = holds ? ["met", words.holds] : ["not-met", words.fails];
      }
      cell.className = "standing " + standing;
      cell.textContent = word;
    });
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "option") form.elements.licence.value = levers.options[event.target.value].licence;
    update();
  });
  form.addEventListener("reset", () => setTimeout(update));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of inputs) input.disabled = false;
  update();
})();
