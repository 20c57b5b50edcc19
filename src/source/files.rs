//! Which files a source is: one, a glob sorted by name, or a folder of Parquet.

use std::path::{Path, PathBuf};

use super::clock::near;
use crate::error::{Error, Result};

/// Finds the files of a source. `pattern` is relative to `base`.
///
/// # Errors
/// Where there is none, with the nearest name where one is near.
pub(crate) fn find(pattern: &str, base: &Path) -> Result<Vec<PathBuf>> {
    let path = base.join(pattern);
    if path.is_file() {
        return Ok(vec![path]);
    }
    if path.is_dir() {
        return folder(&path);
    }
    if pattern.contains(['*', '?', '[']) { matching(pattern, base) } else { Err(not_a_file(&path).unwrap_or_else(|| missing(&path))) }
}

fn folder(path: &Path) -> Result<Vec<PathBuf>> {
    if let Some(lost) = unnameable(path, &["**", "*.parquet"], path.to_str().is_some()) {
        return Err(no_text(&lost));
    }
    let files = expand(&format!("{}/**/*.parquet", glob::Pattern::escape(&path.to_string_lossy())), path)?;
    if files.is_empty() {
        return Err(Error::data_hint(
            format!("the folder `{}` holds no `.parquet` file", path.display()),
            "name the files with a glob, such as `logs/*.log.gz`",
        ));
    }
    Ok(files)
}

fn matching(pattern: &str, base: &Path) -> Result<Vec<PathBuf>> {
    let whole = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()))
    };
    let (folder, steps) = steps(base, pattern);
    if let Some(lost) = unnameable(&folder, &steps, folder.to_str().is_some()) {
        return Err(no_text(&lost));
    }
    let files = expand(&whole, Path::new(pattern))?;
    if files.is_empty() {
        let folder = base.join(pattern);
        let folder = folder.parent().unwrap_or(base);
        return Err(Error::data_hint(format!("no file matches `{pattern}`"), in_folder(folder)));
    }
    Ok(files)
}

fn expand(pattern: &str, shown: &Path) -> Result<Vec<PathBuf>> {
    let paths = glob::glob(pattern).map_err(|e| {
        let hint = "`*` stands for any characters, `?` for one, `[0-9]` for one of a range, `[[]` for a bracket";
        Error::data_hint(format!("`{}` is not a pattern of file names: {e}", shown.display()), hint)
    })?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|e| Error::io("read", e.path().to_owned(), e.into()))?;
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A pattern as the folder where it begins, and what it says of each name below. `base` is a folder, whatever its name looks like.
fn steps<'a>(base: &Path, pattern: &'a str) -> (PathBuf, Vec<&'a str>) {
    let mut folder = base.to_owned();
    let mut steps = Vec::new();
    for step in Path::new(pattern).components().map(|step| step.as_os_str()) {
        match step.to_str() {
            Some(text) if !steps.is_empty() || text.contains(['*', '?', '[']) => steps.push(text),
            _ => folder.push(step),
        }
    }
    (folder, steps)
}

/// A file that a pattern would match if all names on the way to it were text: patterns pass over such files in silence.
fn unnameable(folder: &Path, steps: &[&str], named: bool) -> Option<PathBuf> {
    let (step, rest) = steps.split_first()?;
    let any_depth = *step == "**";
    let pattern = glob::Pattern::new(if any_depth { "*" } else { step }).ok()?;
    let mut entries: Vec<PathBuf> = folder.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    let below = entries.iter().find_map(|path| {
        let name = path.file_name().filter(|name| pattern.matches(&name.to_string_lossy()))?;
        let named = named && name.to_str().is_some();
        match (any_depth, rest) {
            // A link may lead back to where it lies.
            (true, _) => (path.is_dir() && !path.is_symlink()).then(|| unnameable(path, steps, named))?,
            (false, []) => (!named && path.is_file()).then(|| path.clone()),
            (false, rest) => unnameable(path, rest, named),
        }
    });
    below.or_else(|| if any_depth { unnameable(folder, rest, named) } else { None })
}

/// What is said of a file whose name is no text.
pub fn no_text(path: &Path) -> Error {
    let hint = "rename it: an experiment, which is text, cannot name it, and no pattern matches it";
    Error::data_hint(format!("the name of the file `{}` is not UTF-8", path.display()), hint)
}

/// What lies under the name, where that is neither file nor folder.
fn not_a_file(path: &Path) -> Option<Error> {
    let link = std::fs::symlink_metadata(path).ok()?;
    Some(match std::fs::metadata(path) {
        Err(_) if link.is_symlink() => {
            Error::data_hint(format!("`{}` is a link that leads nowhere", path.display()), "name the file that it should lead to")
        }
        Err(error) => Error::io("read", path, error),
        Ok(_) => Error::data_hint(
            format!("`{}` is no file, but a device or a pipe", path.display()),
            "write it into a file first: logs are read more than once",
        ),
    })
}

fn missing(path: &Path) -> Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new("."));
    let names = names(folder);
    let hint = match near(&name, names.iter().map(String::as_str)) {
        Some(found) => format!("did you mean `{}`?", folder.join(found).display()),
        None => in_folder(folder),
    };
    Error::data_hint(format!("there is no file `{}`", path.display()), hint)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn in_folder(folder: &Path) -> String {
    let names = names(folder);
    match names.first() {
        None if !folder.exists() => format!("there is no folder `{}`; paths are relative to the experiment file", folder.display()),
        None => format!("the folder `{}` is empty", folder.display()),
        Some(first) => format!("the folder `{}` holds {} entries, such as `{first}`", folder.display(), names.len()),
    }
}

/// A path as reports show it: relative to `base` where it lies below it, and with `/`.
pub(crate) fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_globs_and_folders() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("a[b]");
        std::fs::create_dir_all(base.join("day=2")).unwrap();
        for name in ["b.log", "a.log", "c.txt", "day=2/x.parquet"] {
            std::fs::write(base.join(name), "x").unwrap();
        }
        let names = |pattern: &str| find(pattern, &base).map(|files| files.iter().map(|f| shown(f, &base)).collect::<Vec<_>>());
        assert_eq!(names("*.log").unwrap(), ["a.log", "b.log"]);
        assert_eq!(names("c.txt").unwrap(), ["c.txt"]);
        assert_eq!(names(".").unwrap().len(), 1);
        assert_eq!(names("*.gz").unwrap_err().to_string(), "no file matches `*.gz`");
        let missing = names("c.tx").unwrap_err();
        assert!(missing.hint().unwrap().contains("c.txt"), "{missing:?}");
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::ffi::OsStrExt as _;
            let name = std::ffi::OsStr::from_bytes(b"d\xff.log");
            std::fs::write(base.join(name), "x").unwrap();
            assert!(names("*.log").unwrap_err().to_string().ends_with("d\u{fffd}.log` is not UTF-8"));
            assert_eq!(names("*.txt").unwrap(), ["c.txt"]);
            let day = base.join(std::ffi::OsStr::from_bytes(b"day=\xfe"));
            std::fs::create_dir(&day).unwrap();
            assert_eq!(names("*/*.parquet").unwrap(), ["day=2/x.parquet"], "a folder without a match is in nobody's way");
            std::fs::write(day.join("y.parquet"), "x").unwrap();
            for pattern in ["day=*/*.parquet", "**/*.parquet", "."] {
                assert!(names(pattern).unwrap_err().to_string().ends_with("day=\u{fffd}/y.parquet` is not UTF-8"), "{pattern}");
            }
            assert_eq!(names("day=2/*.parquet").unwrap(), ["day=2/x.parquet"]);
            assert!(find("*.parquet", &day).unwrap_err().to_string().ends_with("y.parquet` is not UTF-8"));
        }
        assert!(names("nowhere/x.log").unwrap_err().hint().unwrap().starts_with("there is no folder"));
    }
}
