//! The report in a real browser, where there is one.

use std::{fs, path::Path, process::Command};

use crate::support::{aloud, demo};

fn chromium() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    if found.is_none() {
        aloud("skipped: no chromium");
    }
    found
}

fn browse(browser: &str, arguments: &[String], page: &Path) -> String {
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

#[test]
fn the_page_prints() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("report.pdf");
    browse(browser, &[format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer".into()], &demo().join("report.html"));
    assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF"));
}
