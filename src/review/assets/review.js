'use strict';
// Shows one case at a time and keeps the verdicts; nothing leaves the page but the file that the analyst saves.
const data = JSON.parse(document.getElementById('data').textContent);
const find = id => document.getElementById(id);
const key = 'gonogo ' + data.run + ' ' + data.sheet;
let given = {}, at = 0, unsaved = false;
// Where the browser keeps nothing for files, a reload loses what was not saved: the page asks before it is left.
try { given = JSON.parse(localStorage.getItem(key)) || {}; find('analyst').value = localStorage.getItem('gonogo analyst') || ''; } catch { given = {}; }
const keep = () => {
  unsaved = true;
  try { localStorage.setItem(key, JSON.stringify(given)); localStorage.setItem('gonogo analyst', find('analyst').value); } catch { /* as above */ }
};
const row = () => data.rows[at];
const answer = () => given[row().id] || (given[row().id] = { disposition: '', incident: '', note: '' });
// Goes on where the last one stopped.
at = Math.max(data.rows.findIndex(r => !(given[r.id] && given[r.id].disposition)), 0);
const choices = [...document.querySelectorAll('[data-word]')];

function line(texts) {
  const line = document.createElement('tr');
  texts.forEach(text => { const cell = document.createElement('td'); cell.textContent = text; line.append(cell); });
  return line;
}

function show() {
  if (!data.rows.length) return;
  const { entity, from, to, units, values, events, count } = row(), said = answer();
  find('place').textContent = (at + 1) + ' / ' + data.rows.length;
  find('entity').textContent = entity;
  const when = find('when');
  when.textContent = (data.timed ? when.dataset.from + ' ' + from + (to !== from ? ' … ' + to : '') + ' · ' : '') + units + ' ' + when.dataset.units;
  find('incident').value = said.incident;
  find('note').value = said.note;
  choices.forEach(choice => choice.setAttribute('aria-pressed', String(choice.dataset.word !== '' && choice.dataset.word === said.disposition)));
  find('count').textContent = data.rows.filter(r => given[r.id] && given[r.id].disposition).length;
  find('fields').replaceChildren(...data.fields.map((name, index) => line([name, ...values[index]])));
  if (find('behind')) {
    find('behind').hidden = !events.length;
    find('events-of').textContent = ' ' + events.length + ' / ' + count;
    find('events').replaceChildren(...events.map(([time, cells]) => line([time, ...cells])));
  }
}

function move(step) { at = Math.min(Math.max(at + step, 0), data.rows.length - 1); show(); }
function choose(word) { answer().disposition = word; keep(); if (word && word !== 'true_positive') move(1); show(); }

// A cell that no spreadsheet takes for a formula.
const cell = text => '"' + (/^\s*[=+\-@]/.test(text) ? "'" + text : text).replaceAll('"', '""').replace(/[\r\n]+/g, ' ') + '"';
function file() {
  const analyst = find('analyst').value.trim();
  const lines = data.rows.map(r => { const g = given[r.id] || {}; return [r.id, g.disposition || '', g.incident || '', g.note || '', analyst].map(cell).join(','); });
  return 'id,disposition,incident,note,analyst\r\n' + lines.join('\r\n') + '\r\n';
}
function save() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff' + file()], { type: 'text/csv' }));
  link.download = 'sheet-' + data.sheet + '-' + (find('analyst').value.trim().replace(/[^\p{L}\p{N}]+/gu, '-') || 'verdicts') + '.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  unsaved = false;
}

choices.forEach(choice => choice.addEventListener('click', () => choose(choice.dataset.word)));
['incident', 'note'].forEach(name => find(name).addEventListener('input', event => { answer()[name] = event.target.value; keep(); }));
find('analyst').addEventListener('input', keep);
find('back').addEventListener('click', () => move(-1));
find('next').addEventListener('click', () => move(1));
find('save').addEventListener('click', save);
addEventListener('beforeunload', event => { if (unsaved) event.preventDefault(); });
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.tagName === 'INPUT') { if (event.key === 'Enter' || event.key === 'Escape') event.target.blur(); return; }
  const acts = { 1: () => choose('true_positive'), 2: () => choose('benign_true_positive'), 3: () => choose('false_positive'), 0: () => choose(''),
    ArrowLeft: () => move(-1), ArrowRight: () => move(1), i: () => find('incident').focus(), n: () => find('note').focus(), s: save };
  // Keyboards whose digits take Shift (French ones) give another sign: the key itself counts then.
  const digit = /^(?:Digit|Numpad)([0-3])$/.exec(event.code);
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key] || (digit && acts[digit[1]]);
  if (!act) return;
  event.preventDefault();
  // A key held down moves on, but judges one row only.
  if (!event.repeat || event.key.startsWith('Arrow')) act();
});
show();
