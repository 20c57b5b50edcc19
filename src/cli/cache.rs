//! `gonogo cache`: what is kept of files that were read, and how to be rid of it.

use std::path::PathBuf;

use comfy_table::{Cell, Table};
use serde_json::json;

use super::{Format, Global, next, print, print_json};
use crate::{
    error::{Error, ExitCode, Result},
    source::Cache,
    spec::Language,
    text::{self, Numbers},
};

/// Where parsed events are kept, and how much of them.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Keep parsed events below this folder (default: gonogo in the user's cache folder)
    #[arg(long = "cache", value_name = "DIR", env = "GONOGO_CACHE")]
    folder: Option<PathBuf>,
    /// Keep at most so many gigabytes; what was not used for the longest time goes first
    #[arg(long = "cache-size", value_name = "GB", allow_negative_numbers = true, default_value_t = Cache::MOST_BYTES as f64 / 1e9, env = "GONOGO_CACHE_SIZE")]
    gigabytes: f64,
}

impl Place {
    /// Whether the user names a folder.
    pub fn is_named(&self) -> bool {
        self.folder.is_some()
    }

    /// The cache; `None` where no folder is named and the user has none that can be written to.
    ///
    /// # Errors
    /// When the folder that is named cannot be made, or the size is none.
    pub fn open(&self) -> Result<Option<Cache>> {
        if !(0.0..1e9).contains(&self.gigabytes) {
            let hint = "pass --cache-size with gigabytes, or --no-cache to keep nothing";
            return Err(Error::usage(format!("cannot keep `{}` gigabytes", self.gigabytes), Some(hint.into())));
        }
        let most_bytes = (self.gigabytes * 1e9) as u64;
        match &self.folder {
            Some(folder) => Cache::open(folder, most_bytes).map(Some),
            None => Ok(Cache::usual_folder().and_then(|folder| Cache::open(folder, most_bytes).ok())),
        }
    }
}

/// What `gonogo cache` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Entries hold log content as it is, in a folder for its owner alone.\n\nExamples:\n  gonogo cache\n  gonogo cache --clear"
)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Remove everything that is kept
    #[arg(long)]
    clear: bool,
}

/// Lists or clears the cache.
///
/// # Errors
/// When its folder cannot be read, or an entry cannot be removed.
pub fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    if global.format == Format::Markdown {
        return Err(Format::none_of("cache"));
    }
    let Some(cache) = args.place.open()? else {
        return Err(Error::usage("there is no cache folder", Some("name one with --cache DIR, or set HOME".into())));
    };
    let shown = cache.folder().display().to_string();
    let (folder, numbers) = (text::terminal(&shown), Numbers::new(Language::En));
    let mut entries = cache.entries()?;
    entries.sort_by(|a, b| (&a.file, &a.key).cmp(&(&b.file, &b.key)));
    let megabytes = |bytes: u64| format!("{} MB", numbers.integer(bytes.div_ceil(1_000_000)));
    let freed = if args.clear { Some(cache.clear()?) } else { None };
    match (global.format, freed) {
        (Format::Json, freed) => print_json(&json!({ "folder": cache.folder(), "entries": entries, "freed_bytes": freed }))?,
        (_, Some(freed)) => print(&format!("{} removed from {folder}\n", megabytes(freed)))?,
        (_, None) if entries.is_empty() => print(&format!("nothing is kept in {folder}\n"))?,
        (_, None) => {
            let mut table = Table::new();
            table.load_style(comfy_table::presets::NOTHING).set_header(["file", "format", "events", "size"]);
            for entry in &entries {
                let cells =
                    [text::terminal(&entry.file).to_string(), entry.format.clone(), numbers.integer(entry.rows), megabytes(entry.bytes)];
                table.add_row(cells.map(Cell::new));
            }
            let total = megabytes(entries.iter().map(|entry| entry.bytes).sum());
            print(&format!("{}\n\n{} files, {total} in {folder}\n", table.trim_fmt(), entries.len()))?;
        }
    }
    next(if args.clear || entries.is_empty() { "gonogo run FILE" } else { "gonogo cache --clear" }, global)?;
    Ok(ExitCode::Done)
}
