//! What an experiment reads beyond its own folder: an experiment may come from a stranger.

use std::path::{Component, Path, PathBuf};

use crate::{error::Problem, experiment::load::Loaded, said};

/// A warning for each path of the experiment that leads out of the folder that it lies in.
pub fn outside(loaded: &Loaded) -> Vec<Problem> {
    let experiment = &loaded.experiment;
    let sources = experiment.sources.iter().filter(|(_, source)| source.engine.is_none());
    let mut named: Vec<(String, &str)> = sources.map(|(name, source)| (format!("sources.{name}.path"), source.path.as_str())).collect();
    named.extend(experiment.labels.iter().filter_map(|labels| labels.path.as_deref()).map(|path| ("labels.path".to_owned(), path)));
    let folder = loaded.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let leaves = |path: &str| !path.is_empty() && leads_out(path, folder);
    let found = named.into_iter().filter(|(_, path)| leaves(path));
    found
        .map(|(place, path)| {
            Problem::warning(
                "W034",
                place,
                said!(
                    en: "`{path}` lies outside of the experiment's folder",
                    fr: "`{path}` est hors du dossier de l’expérience"
                ),
            )
            .help("right for your own logs; in an experiment that somebody else wrote, look at what it reads before you run it")
        })
        .collect()
}

/// Whether a path leads out of a folder: by its own steps, or, where it exists, by the links on its way.
fn leads_out(path: &str, folder: &Path) -> bool {
    let path = Path::new(path);
    let mut depth = 0_i64;
    for step in path.components() {
        match step {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::RootDir | Component::Prefix(_) => depth = i64::MIN / 2,
            Component::CurDir => {}
        }
        if depth < 0 {
            return !inside(path, folder);
        }
    }
    folder.join(path).exists() && !inside(path, folder)
}

/// Whether what is there lies below the folder, links followed; what is not there does not.
fn inside(path: &Path, folder: &Path) -> bool {
    let real = |path: PathBuf| path.canonicalize().ok();
    real(folder.to_owned()).zip(real(folder.join(path))).is_some_and(|(folder, path)| path.starts_with(folder))
}
