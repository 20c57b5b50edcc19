//! The offline page of a review in a real browser, where there is one: keys, what a reload keeps, the file it saves, and that file brought back.

use std::fs;

use serde_json::Value;

use crate::{
    browser::{browse, chromium, told, with_script},
    review::{ids, review, unlabelled},
    support::json,
};

/// Presses keys as an analyst does, lets the page save, opens it once more, and writes what was seen into its title. The file goes into the title too: a
/// download would end this browser first. (What a browser keeps reaches its disk when it likes, so that the second visit is one of the same browser; and a
/// busy one may show the page again before what was kept has reached it, so that the page is looked at some more times.)
const PRESS: &str = r#"
addEventListener('load', async () => {
  const seen = [];
  const find = id => document.getElementById(id);
  const before = sessionStorage.getItem('before');
  if (before) {
    const again = { count: find('count').textContent, analyst: find('analyst').value, place: find('place').textContent };
    const looks = Number(sessionStorage.getItem('looks'));
    if (again.count === '0' && looks < 20) {
      sessionStorage.setItem('looks', looks + 1);
      // The page's own clock stands still meanwhile: only work takes time.
      for (let turn = 0, sum = 0; turn < 3e7; turn++) sum += turn;
      location.reload();
      return;
    }
    document.title = JSON.stringify({ ...JSON.parse(before), again });
    return;
  }
  const look = () => seen.push([find('place').textContent, find('count').textContent, [...document.querySelectorAll('[aria-pressed=true]')].map(b => b.dataset.word)[0] || '', document.activeElement.id]);
  const press = (key, more = {}) => { (document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })); look(); };
  const type = (id, text) => { find(id).value = text; find(id).dispatchEvent(new Event('input', { bubbles: true })); };
  let blob, name;
  URL.createObjectURL = given => { blob = given; return 'blob:kept'; };
  HTMLAnchorElement.prototype.click = function () { name = this.download; };
  look();
  type('analyst', 'Zoé B.');
  press('3'); press('2'); press('1');
  press('i'); type('incident', 'INC-7'); press('1'); press('Enter');
  press('n'); type('note', '=1+1, "quoted"'); press('Escape');
  press('ArrowRight');
  press('&', { code: 'Digit3' });
  press('3'); press('3', { repeat: true }); press('3', { repeat: true });
  press('ArrowLeft'); press('0');
  press('2', { ctrlKey: true });
  press('S');
  sessionStorage.setItem('before', JSON.stringify({ seen, name, file: await blob.text() }));
  location.reload();
});
"#;

#[test]
fn keys_give_verdicts_that_a_reload_keeps_and_an_import_takes() {
    let Some(browser) = chromium() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = unlabelled(out.path());
    let (code, _, stderr) = review(&run, &["--reviews", "12"]);
    assert_eq!(code, 0, "{stderr}");
    let (sheet, page) = (ids(&run.join("review/sheet-1.csv")), run.join("review/sheet-1.html"));
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, with_script(&text, PRESS)).unwrap();
    let found = told(&browse(browser, &["--virtual-time-budget=10000".into(), "--dump-dom".into()], &page));
    let seen: Vec<Vec<String>> = serde_json::from_value(found["seen"].clone()).unwrap();
    let at = |place: usize, count: usize, word: &str, focus: &str| {
        vec![format!("{place} / 12"), count.to_string(), word.into(), focus.to_owned()]
    };
    let wanted = [
        at(1, 0, "", ""),
        // False, right but legitimate: on to the next row. An attack stays, for its incident.
        at(2, 1, "", ""),
        at(3, 2, "", ""),
        at(3, 3, "true_positive", ""),
        at(3, 3, "true_positive", "incident"),
        // In a text a digit is a digit.
        at(3, 3, "true_positive", "incident"),
        at(3, 3, "true_positive", ""),
        at(3, 3, "true_positive", "note"),
        at(3, 3, "true_positive", ""),
        at(4, 3, "", ""),
        // The key of the 3 on a French keyboard.
        at(5, 4, "", ""),
        // Held down, it judges one row.
        at(6, 5, "", ""),
        at(6, 5, "", ""),
        at(6, 5, "", ""),
        at(5, 5, "false_positive", ""),
        at(5, 4, "", ""),
        // With Ctrl, keys are the browser's.
        at(5, 4, "", ""),
        at(5, 4, "", ""),
    ];
    for (step, (seen, wanted)) in seen.iter().zip(&wanted).enumerate() {
        assert_eq!(seen, wanted, "step {step}");
    }
    assert_eq!(seen.len(), wanted.len());
    assert_eq!(found["name"], "sheet-1-Zoé-B-.csv");

    // Opened again, the page goes on behind what was judged.
    let again = &found["again"];
    assert_eq!((&again["count"], &again["analyst"], &again["place"]), (&"4".into(), &"Zoé B.".into(), &"5 / 12".into()), "{again}");

    let file = out.path().join("verdicts.csv");
    fs::write(&file, found["file"].as_str().unwrap()).unwrap();
    let (code, told, stderr) = review(&run, &["--import", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!((told["rows"].as_u64(), told["blank"].as_u64()), (Some(4), Some(8)));
    let readings = json(&run, "review/readings.json");
    let of = |row: usize| {
        let case: u64 = sheet[row].split('-').next().unwrap().parse().unwrap();
        readings.as_array().unwrap().iter().find(|reading| reading["case"] == case).unwrap_or(&Value::Null)
    };
    let words = ["false_positive", "benign_true_positive", "true_positive", "false_positive"];
    for (row, word) in words.iter().enumerate() {
        assert_eq!((&of(row)["disposition"], &of(row)["analyst"]), (&(*word).into(), &"Zoé B.".into()));
    }
    assert_eq!((&of(2)["incident"], &of(2)["note"]), (&"INC-7".into(), &"=1+1, \"quoted\"".into()));
    assert_eq!(of(4), &Value::Null, "what was cleared is not read");
}
