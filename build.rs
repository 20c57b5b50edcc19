//! Tells the program which parsers it was built with: what they gave may be kept, and must not be taken for what others give.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let mut files = vec![PathBuf::from("Cargo.lock")];
    rust_files(Path::new("src/source"), &mut files)?;
    files.push("src/source.rs".into());
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files.iter().filter(|file| file.exists()) {
        println!("cargo::rerun-if-changed={}", file.display());
        (file, fs::read(file)?).hash(&mut hash);
    }
    println!("cargo::rerun-if-changed=src/source");
    println!("cargo::rustc-env=GONOGO_PARSERS={:016x}", hash.finish());
    Ok(())
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}
