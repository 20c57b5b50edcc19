//! From files to units: reads the sources batch by batch, and keeps units, not events.

use std::{collections::BTreeMap, path::Path};

use polars::prelude::{DataFrame, DataType};
use sha2::{Digest, Sha256};

use crate::{
    baseline::Baseline,
    derive::Derive,
    enrich::Enricher,
    error::{Error, Problem, Result},
    fields::{Collector, FieldSet, UnitTable},
    labels,
    observe::{Event, Observer},
    parts::{self, Parts},
    quality::{Finding, Quality, SourceQuality},
    source::{ReadPlan, Source},
    spec::{
        Experiment,
        load::{Loaded, hex},
    },
    sql::Expression,
};

/// Everything that was built from the sources.
pub struct Gathered {
    /// The units.
    pub table: UnitTable,
    /// Training and judged part.
    pub parts: Parts,
    /// For each unit of both parts, whether the baseline flags it.
    pub baseline: Option<(Vec<bool>, Vec<bool>)>,
    /// What reading and joining found.
    pub quality: Quality,
    /// SHA-256 of label files.
    pub label_hashes: Vec<String>,
}
