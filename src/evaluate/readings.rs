//! What analysts said of cases becomes labels of their units, and a review of its frame.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    design::{KNOWN, ReviewFrame},
    sampled::{Reviewed, Summary},
};
use crate::units::{Disposition, Incident, Labels, Part};

/// What was said of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it was.
    pub disposition: Disposition,
    /// The incidents it belongs to, where it is an attack and they were named.
    pub incidents: BTreeSet<String>,
}

/// The labels of a part once cases were read; what nobody read keeps what was known of it, and is not benign.
///
/// All units of a case take what was said of it. An attack of which no incident was named is one of its own.
pub fn labelled(part: &Part, readings: &BTreeMap<u32, Reading>) -> Labels {
    let units = part.case_of.len();
    let known = part.labels.clone().unwrap_or_default();
    let mut dispositions = known.dispositions;
    dispositions.resize(units, None);
    let mut of: Vec<BTreeSet<String>> = vec![BTreeSet::new(); units];
    let mut incidents: BTreeMap<String, Incident> =
        known.incidents.iter().map(|incident| (incident.id.clone(), incident.clone())).collect();
    for (unit, indices) in known.incidents_of.iter().enumerate() {
        of[unit].extend(indices.iter().map(|&index| known.incidents[index as usize].id.clone()));
    }
    for (unit, &case) in part.case_of.iter().enumerate() {
        let Some(reading) = readings.get(&case) else { continue };
        dispositions[unit] = Some(reading.disposition);
        of[unit].clear();
        if reading.disposition != Disposition::TruePositive {
            continue;
        }
        let own = || format!("{} #{case}", part.rows[unit].entity);
        let names = if reading.incidents.is_empty() { BTreeSet::from([own()]) } else { reading.incidents.clone() };
        for id in names {
            let start = part.starts.get(unit).copied().unwrap_or(0);
            let incident = incidents.entry(id.clone()).or_insert_with(|| Incident { id: id.clone(), kind: None, start });
            incident.start = incident.start.min(start);
            of[unit].insert(id);
        }
    }
    let named: BTreeSet<&String> = of.iter().flatten().collect();
    let mut incidents: Vec<Incident> = incidents.into_values().filter(|incident| named.contains(&incident.id)).collect();
    incidents.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.id.cmp(&b.id)));
    let numbers: BTreeMap<&str, u32> = incidents.iter().map(|incident| incident.id.as_str()).zip(0..).collect();
    let incidents_of = of.iter().map(|ids| {
        let mut indices: Vec<u32> = ids.iter().map(|id| numbers[id.as_str()]).collect();
        indices.sort_unstable();
        indices
    });
    Labels { complete: false, dispositions, incidents_of: incidents_of.collect(), incidents }
}

impl ReviewFrame {
    /// The review with these cases read. Of its summary the analysts and what came back blank are the caller's to fill in.
    pub fn reviewed(&self, readings: &BTreeMap<u32, Reading>) -> Reviewed {
        let known = |case: usize| self.stratum[case] == Some(KNOWN as u8);
        let inside = |case: usize| self.stratum[case].is_some();
        let read: Vec<bool> =
            (0..self.stratum.len()).map(|case| known(case) || (inside(case) && readings.contains_key(&(case as u32)))).collect();
        let simple = self.simple_part(&read);
        let count = |of: &dyn Fn(usize) -> bool| (0..read.len()).filter(|&case| of(case)).count() as u64;
        let summary = Summary {
            frame: count(&inside),
            read: count(&|case| read[case] && !known(case)),
            known_before: count(&known),
            simple: count(&|case| simple[case]),
            strata: Reviewed::strata(&self.stratum, &read),
            ..Summary::default()
        };
        Reviewed { stratum: self.stratum.clone(), read, simple, summary }
    }
}
