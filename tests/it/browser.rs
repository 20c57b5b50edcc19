//! The report in a real browser, where there is one.

use std::{fs, path::Path, process::Command};

use crate::support::{aloud, demo};

pub fn chromium() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    if found.is_none() {
        aloud("skipped: no chromium");
    }
    found
}

pub fn browse(browser: &str, arguments: &[String], page: &Path) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--window-size=1440,900"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes into the page's title where its parts end, and whether anything asked for the network or failed.
const PROBE: &str = "<script>addEventListener('load', () => { const end = s => { const e = document.querySelector(s); return e ? Math.round(e.getBoundingClientRect().bottom) : -1; }; \
    document.title = JSON.stringify({ verdict: end('h1'), chart: end('svg'), wide: document.documentElement.scrollWidth, requests: performance.getEntriesByType('resource').length }); });</script>";

#[test]
fn the_first_screen_holds_the_verdict_and_the_chart() {
    let Some(browser) = chromium() else { return };
    let page = fs::read_to_string(demo().join("report.html")).unwrap();
    assert!(page.contains("Content-Security-Policy") && page.contains("default-src 'none'"), "the page forbids requests");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.html");
    // The copy lets the probe's script run; all else is as a reader gets it.
    let from = page.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let to = from + page[from..].find('>').unwrap() + 1;
    fs::write(&copy, format!("{}{PROBE}{}", &page[..from], &page[to..])).unwrap();
    let dom = browse(browser, &["--dump-dom".into()], &copy);
    let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap().replace("&quot;", "\"");
    let told: serde_json::Value = serde_json::from_str(&title).unwrap_or_else(|error| panic!("{error}: {title}"));
    let place = |key: &str| told[key].as_i64().unwrap();
    assert!((1..900).contains(&place("verdict")), "{told}");
    assert!((1..=900).contains(&place("chart")), "{told}");
    assert!(place("wide") <= 1440, "no scrolling to the side: {told}");
    assert_eq!(place("requests"), 0, "{told}");
}

/// What was asked and what was measured, in windows on either side of where the page changes its columns.
#[test]
fn the_criteria_are_cut_off_in_no_window() {
    let Some(browser) = chromium() else { return };
    let page = fs::read_to_string(demo().join("report.html")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.html");
    let measure = "addEventListener('load', () => { const table = document.querySelector('#criteria .scroll'); \
        document.title = JSON.stringify({ window: innerWidth, table: table.scrollWidth, room: table.clientWidth }); });";
    fs::write(&copy, with_script(&page, measure)).unwrap();
    for width in [600, 720, 721, 960, 1100, 1240, 1241, 1366] {
        let told = told(&browse(browser, &["--dump-dom".into(), format!("--window-size={width},900")], &copy));
        assert_eq!(told["window"], width, "{told}");
        assert!(told["table"].as_u64() <= told["room"].as_u64(), "{told}");
    }
}

/// The page with a script of the test's own at its end.
pub fn with_script(page: &str, script: &str) -> String {
    let from = page.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let to = from + page[from..].find('>').unwrap() + 1;
    format!("{}{}<script>{script}</script>", &page[..from], &page[to..])
}

/// What a script wrote into the page's title, as JSON.
pub fn told(dom: &str) -> serde_json::Value {
    let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
    let title = title.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&title).unwrap_or_else(|error| panic!("{error}: {title}"))
}

/// Sets amounts one after the other and writes what the page makes of them into its title.
const WHAT_IF: &str = "addEventListener('load', () => { const form = document.getElementById('what-if-form'); const found = []; \
    const read = () => Object.fromEntries([...form.querySelectorAll('output')].map(o => [o.dataset.out, Number(o.dataset.value)])); \
    const set = (values) => { for (const [name, value] of Object.entries(values)) { form.elements[name].value = value; } \
      form.elements.minutes.dispatchEvent(new Event('input', { bubbles: true })); found.push({ values, marked: !form.querySelector('.changed').hidden, out: read() }); }; \
    set({}); CHOICES.forEach(set); document.title = JSON.stringify({ levers: JSON.parse(form.dataset.whatIf).levers, found }); });";

#[test]
fn the_page_and_the_program_count_alike() {
    let Some(browser) = chromium() else { return };
    let page = fs::read_to_string(demo().join("report.html")).unwrap();
    let saved = gonogo::run::pipeline::load(demo()).unwrap();
    let (Some(cost), Some(spec)) = (&saved.cost, &saved.resolved.experiment.cost) else { panic!("the demonstration names costs") };
    let pick = saved.evaluation.pick.as_ref().unwrap();
    let own = saved.evaluation.contender(&pick.id).unwrap();
    let others = own.also_at.iter().filter(|at| at.budget != saved.evaluation.budget && at.point.unknown_alerts == 0);
    let points: Vec<_> = std::iter::once(&pick.budget).chain(others.map(|at| &at.point)).collect();
    let levers = gonogo::cost::levers(spec, cost, saved.evaluation.baseline().unwrap().budget.as_ref().unwrap(), &points);
    let best = cost.options.iter().position(|option| cost.best.as_ref() == Some(&option.name)).unwrap();
    let last = points.len() - 1;
    let choices = [
        serde_json::json!({ "minutes": 7.5, "hour": 41.0, "years": 2.5, "licence": 12_000.0, "point": last }),
        serde_json::json!({ "minutes": 0.0, "hour": 90.0, "years": 5.0, "licence": 0.0, "point": 0 }),
        serde_json::json!({ "minutes": 45.0, "hour": 120.0, "years": 1.0, "licence": 500.0, "point": 0 }),
    ];
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.html");
    fs::write(&copy, with_script(&page, &WHAT_IF.replace("CHOICES", &serde_json::to_string(&choices).unwrap()))).unwrap();
    let told = told(&browse(browser, &["--dump-dom".into()], &copy));
    let found = told["found"].as_array().unwrap();
    assert_eq!(found.len(), choices.len() + 1);
    for (index, shown) in found.iter().enumerate() {
        let mut choice = levers.unchanged(best);
        if index > 0 {
            let value = |name: &str| choices[index - 1][name].as_f64().unwrap();
            (choice.minutes, choice.hour, choice.years, choice.licence) =
                (value("minutes"), value("hour"), value("years"), value("licence"));
            choice.point = value("point") as usize;
        }
        let here = levers.at(&choice).unwrap();
        let close = |name: &str, expected: f64| {
            let got = shown["out"][name].as_f64().unwrap_or(f64::NAN);
            assert!((got - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{index} {name}: the page {got}, the program {expected}");
        };
        close("freed", here.hours_freed);
        close("saving", here.saving_per_year);
        close("npv", here.net_present_value);
        // The page writes NaN for what is not paid back, which JSON makes null; 0 stands for it there.
        assert_eq!(
            here.payback_months.map(|months| (months * 1e6).round()),
            shown["out"]["payback"].as_f64().map(|months| (months * 1e6).round())
        );
        assert_eq!(shown["marked"], index > 0, "what is changed is marked");
    }
}

/// axe-core's script: the file of `GONOGO_AXE`, or from `node_modules`.
fn axe() -> Option<String> {
    let named = std::env::var_os("GONOGO_AXE").map(std::path::PathBuf::from);
    let places = named.into_iter().chain([Path::new("node_modules/axe-core/axe.min.js").to_owned()]);
    let found = places.into_iter().find_map(|path| fs::read_to_string(path).ok());
    if found.is_none() {
        aloud("skipped: no axe-core: `npm install --no-save axe-core`, or name its axe.min.js in GONOGO_AXE");
    }
    found
}

#[test]
fn nothing_keeps_a_reader_out() {
    let (Some(browser), Some(axe)) = (chromium(), axe()) else { return };
    let page = fs::read_to_string(demo().join("report.html")).unwrap();
    let check = "addEventListener('load', async () => { for (const d of document.querySelectorAll('details')) d.open = true; \
        const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }); \
        document.title = JSON.stringify({ passes: found.passes.length, violations: found.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]) }); });";
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.html");
    fs::write(&copy, with_script(&page, &format!("{axe}\n{check}"))).unwrap();
    for dark in [false, true] {
        let mut arguments: Vec<String> = vec!["--virtual-time-budget=60000".into(), "--dump-dom".into()];
        if dark {
            arguments.push("--blink-settings=preferredColorScheme=0".into());
        }
        let told = told(&browse(browser, &arguments, &copy));
        assert!(told["passes"].as_u64().unwrap() > 20, "dark {dark}: {told}");
        assert_eq!(told["violations"].as_array().map(Vec::len), Some(0), "dark {dark}: {:#}", told["violations"]);
    }
}

#[test]
fn the_page_prints() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("report.pdf");
    browse(browser, &[format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer".into()], &demo().join("report.html"));
    assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF"));
}
