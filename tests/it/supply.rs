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

/// What `cargo package` takes: the licences and all that the build reads, nothing large, nothing that a run left behind.
#[test]
fn the_package_holds_what_it_should() {
    let listed =
        Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&listed.stdout);
    if !listed.status.success() {
        return aloud(&format!("skipped: cargo lists no package here: {}", String::from_utf8_lossy(&listed.stderr)));
    }
    let names: Vec<&str> = said.lines().collect();
    for wanted in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md", "Cargo.lock", "build.rs", "src/main.rs", "docs/guide.md"] {
        assert!(names.contains(&wanted), "{wanted} is missing");
    }
    // The text of templates and pages is compiled in.
    let compiled = regex::Regex::new(r#"include_(?:str|bytes)!\("([^"]+)"\)"#).unwrap();
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    for source in sources {
        let text = fs::read_to_string(&source).unwrap();
        for found in compiled.captures_iter(&text) {
            let path = source.parent().unwrap().join(&found[1]).canonicalize().unwrap();
            let name = path.strip_prefix(root().canonicalize().unwrap()).unwrap().to_str().unwrap().to_owned();
            assert!(names.contains(&name.as_str()), "{name} is compiled in, and not in the package");
        }
    }
    let left_out = ["reports/", "target/", "datasets/proxy/", "fuzz/", "shared/"];
    let wrong: Vec<&&str> = names.iter().filter(|name| left_out.iter().any(|folder| name.starts_with(folder))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let sizes = names.iter().filter_map(|name| Some((*name, root().join(name).metadata().ok()?.len())));
    let (large, all) = sizes.fold((Vec::new(), 0), |(mut large, all), (name, size)| {
        if size > 500_000 {
            large.push(name);
        }
        (large, all + size)
    });
    assert!(large.is_empty() && all < 10_000_000, "{large:?}, {all} bytes in all");
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
