//! What comes in with dependencies, and that nothing of ours is unsafe.

use std::{fs, path::Path, process::Command};

use crate::support::{aloud, root};

/// Licences, refused crates and registries, as `deny.toml` says. Advisories take the network; they are checked by whoever has one.
#[test]
fn dependencies_are_those_that_deny_toml_allows() {
    let check = Command::new("cargo-deny").args(["--offline", "check", "licenses", "bans", "sources"]).current_dir(root()).output();
    let Ok(output) = check else { return aloud("skipped: cargo-deny is not installed") };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("failed to fetch") || said.contains("attempting to make an HTTP request") {
        return aloud("skipped: cargo-deny lacks the sources of some targets' crates, and there is no network");
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.extension() {
            _ if entry.is_dir() => files(&entry, found),
            Some(extension) if extension == "rs" => found.push(entry),
            _ => {}
        }
    }
}

/// `unsafe_code = "deny"` can be lifted by an attribute in a file; none of ours does that.
#[test]
fn no_code_of_ours_is_unsafe() {
    let mut found = vec![root().join("build.rs")];
    for folder in ["src", "tests", "benches", "fuzz/fuzz_targets"] {
        files(&root().join(folder), &mut found);
    }
    assert!(found.len() > 300, "{} files", found.len());
    let words = ["block", "fn", "impl", "trait", "extern"].map(|what| format!("{} {}", "unsafe", if what == "block" { "{" } else { what }));
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let lifted = text.contains(&format!("allow({}_code)", "unsafe"));
        assert!(!lifted && !words.iter().any(|word| text.contains(word.as_str())), "{}", path.display());
    }
    assert!(fs::read_to_string(root().join("Cargo.toml")).unwrap().contains("unsafe_code = \"deny\""));
}
