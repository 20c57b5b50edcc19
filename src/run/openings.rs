//! How often the judged part of the same data was opened.

use sha2::{Digest, Sha256};

use super::{gather::Gathered, pipeline::Options};
use crate::{
    experiment::load::{Loaded, hex},
    record::{Manifest, folder},
};

/// Counts how often the judged part of these data was opened, from the runs that are there.
pub(super) fn count_openings(loaded: &Loaded, options: &Options, manifest: &mut Manifest) {
    let window = loaded.experiment.window_micros();
    let key = hex(&Sha256::digest(format!("{:?}{window:?}", manifest.data_hash).as_bytes()));
    let earlier =
        folder::runs(&options.out).unwrap_or_default().iter().filter(|run| run.manifest.judged_key.as_ref() == Some(&key)).count();
    manifest.judged_opened = 1 + u32::try_from(earlier).unwrap_or(u32::MAX - 1);
    manifest.judged_key = Some(key);
}

pub(super) fn data_hash(gathered: &Gathered) -> String {
    let mut hash = Sha256::new();
    for file in gathered.quality.sources.iter().flat_map(|source| &source.files) {
        hash.update(file.sha256.as_bytes());
    }
    hash.update(gathered.label_hash.as_deref().unwrap_or_default().as_bytes());
    hex(&hash.finalize())
}
