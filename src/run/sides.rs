//! The tables that are joined to the events: read whole, before the first event.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::stream::with_filter;
use crate::{
    error::Result,
    observe::Observer,
    quality::SourceQuality,
    source::{ReadPlan, Source},
    spec::{Experiment, How, Join},
};

/// Reads them, by the name of their source.
///
/// # Errors
/// When one cannot be read.
pub(super) fn read_sides(
    sides: &BTreeMap<String, Source>,
    experiment: &Experiment,
    observer: &dyn Observer,
) -> Result<(BTreeMap<String, DataFrame>, Vec<SourceQuality>)> {
    let mut tables = BTreeMap::new();
    let mut qualities = Vec::new();
    for (name, source) in sides {
        let window = side_window(experiment, name, source);
        let (table, quality) =
            with_filter(experiment, name, |filter| source.read_table(&ReadPlan { filter, window, ..ReadPlan::default() }, observer))?;
        tables.insert(name.to_string(), table);
        qualities.push(quality);
    }
    Ok((tables, qualities))
}

/// The time that rows of a side table must have so that an event of the window can find them: joins to the nearest row look back so far and no
/// further, as `within` says.
fn side_window(experiment: &Experiment, name: &str, source: &Source) -> Option<(i64, i64)> {
    let ((start, _, end), time) = (experiment.window_micros()?, source.time()?);
    let reach = |join: &Join| {
        let of_time = join.how == How::Nearest && join.time.as_deref().is_none_or(|column| column == time);
        join.within.filter(|_| of_time).map(|within| (within.seconds() * 1e6) as i64)
    };
    let reaches: Vec<i64> = experiment.enrich.iter().filter(|join| join.join == name).map(reach).collect::<Option<_>>()?;
    Some((start - reaches.into_iter().max()?, end))
}
