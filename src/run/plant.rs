//! Planted behaviour on its way from events to rows that can be scored: each world is folded on a copy of the folded real events.
//!
//! The real events are read once. What was folded of them is copied for each world, the planted events are added, and the units that they
//! touch are kept as rows; everything else of the world is dropped. So every field and the rule see the planted events as they see others, and the
//! evaluation of the real events sees nothing of them.

use std::collections::HashMap;

use polars::prelude::{DataFrame, DataType};

use super::settle::{clusters, flagged, units};
use crate::{
    baseline::Baseline,
    enrich::{Derive, Enricher},
    error::{Error, Problem, Result},
    evaluate::{PlantedUnit, PlantedWorld},
    fields::{Collector, Matrices, UnitTable, Window, scale},
    inject::{self, Away, Injected, Planted, Templates},
    observe::Observer,
    parts::{self, Frame, Split},
    spec::Experiment,
    suppress,
    units::{Disposition, FeatureMatrix, RowKey},
};

/// What is kept of the real events while they are read.
pub struct Planting {
    injected: Vec<Injected>,
    templates: Templates,
    keys: Vec<String>,
    time: String,
    seed: u64,
    holidays: Vec<(Away, Collector, Option<Baseline>)>,
}

/// What planted events are folded with: everything as it was when the last real event was folded.
pub struct Pristine {
    planting: Planting,
    enricher: Enricher,
    derive: Derive,
    collector: Collector,
    baseline: Option<Baseline>,
}

/// The rows of one world that are scored.
pub struct Folded {
    /// What was planted, and which rows it touched.
    pub world: PlantedWorld,
    /// Those rows, scaled as the judged part is.
    pub rows: FeatureMatrix,
    /// Whether the training part is what it is without the plants.
    pub same_training: bool,
    /// The training part with the plants in it, and the touched rows scaled by it, where `poison` asks for it.
    pub poisoned: Option<Poisoned>,
}

/// A world whose training part holds the plants too.
pub struct Poisoned {
    /// The training part.
    pub training: FeatureMatrix,
    /// The judged part without plants, scaled by that training part.
    pub judged: FeatureMatrix,
    /// The planted units.
    pub rows: FeatureMatrix,
    /// Which units those are.
    pub units: Vec<PlantedUnit>,
}

impl Planting {
    /// Prepares for the behaviours of an experiment; `None` where it has none.
    pub fn new(
        experiment: &Experiment,
        window: Option<&Window>,
        collector: &Collector,
        baseline: Option<&Baseline>,
        seed: u64,
    ) -> Option<Self> {
        let (window, entity) = (window?, experiment.entity.as_ref()?);
        let injected = inject::read(&experiment.inject).ok().filter(|injected| !injected.is_empty())?;
        let judged = (window.train_end, window.end);
        let holidays = Away::all(&injected, judged, seed).into_iter().map(|away| (away, collector.clone(), baseline.cloned())).collect();
        let templates = Templates::new(&window.time, judged, seed);
        Some(Self { injected, templates, keys: entity.key.clone(), time: window.time.clone(), seed, holidays })
    }

    /// What the events lack for the behaviours, given the type of a column.
    pub fn missing(&self, column: &dyn Fn(&str) -> Option<DataType>) -> Vec<Problem> {
        let fixed: Vec<&str> = self.keys.iter().chain([&self.time]).map(String::as_str).collect();
        self.injected.iter().enumerate().flat_map(|(at, one)| one.missing(at, column, &fixed)).collect()
    }

    /// Takes note of a batch of real events: as they were read, and with what was joined and derived.
    pub fn push(&mut self, raw: &DataFrame, events: &DataFrame, units: &[u32]) -> Result<()> {
        self.templates.push(raw, events, &self.keys, units)?;
        for (away, collector, baseline) in &mut self.holidays {
            let there = away.apply(events, &self.keys, &self.time)?;
            let units = collector.push(&there)?;
            if let Some(baseline) = baseline {
                baseline.push(&there, &units)?;
            }
        }
        Ok(())
    }

    /// Keeps what planted events are folded with.
    pub fn pristine(self, enricher: &Enricher, derive: &Derive, collector: &Collector, baseline: Option<&Baseline>) -> Pristine {
        let (enricher, derive, collector, baseline) = (enricher.clone(), derive.clone(), collector.clone(), baseline.cloned());
        Pristine { planting: self, enricher, derive, collector, baseline }
    }
}

/// The real units, to which those of a world are compared.
struct Real<'a> {
    experiment: &'a Experiment,
    parts: &'a Split,
    matrices: Matrices,
    /// The case of each judged unit by its key, and by entity and budget period.
    row_of: HashMap<&'a RowKey, usize>,
    case_of: HashMap<(&'a str, u32), u32>,
}

impl Pristine {
    /// Folds every world.
    ///
    /// # Errors
    /// When the user stops it, or the planted events cannot be folded, which would be a bug.
    pub fn fold(self, experiment: &Experiment, table: &UnitTable, parts: &Split, observer: &dyn Observer) -> Result<Vec<Folded>> {
        // Each world takes a copy of all that was folded.
        let go_on = || if observer.cancelled() { Err(Error::Interrupted) } else { Ok(()) };
        // An analyst who opens the case of a planted unit would find a real attack in it: those cases are avoided.
        let mut attacked = vec![false; parts.judged.cases.len()];
        for (at, &case) in parts.judged.case_of.iter().enumerate() {
            let disposition = parts.judged.labels.as_ref().and_then(|labels| labels.dispositions[at]);
            attacked[case as usize] |= disposition == Some(Disposition::TruePositive);
        }
        let case_at = |unit: u32| {
            let row = table.order.get(unit as usize).copied().flatten()? as usize;
            parts.judged_units.binary_search(&row).ok().map(|at| parts.judged.case_of[at])
        };
        let avoid = |unit: u32| case_at(unit).is_none_or(|case| attacked[case as usize]);
        let learned = match experiment.window.as_ref().map(Frame::of).transpose()? {
            Some(frame) => (frame.learned_from, frame.train_end),
            None => return Ok(Vec::new()),
        };
        let matrices = scale(table, &parts.training_units, &parts.judged_units, experiment.scale)?;
        let rows = &parts.judged.rows;
        let period = |at: usize| parts.judged.cases[parts.judged.case_of[at] as usize].budget_period;
        let real = Real {
            experiment,
            parts,
            matrices,
            row_of: rows.iter().enumerate().map(|(at, row)| (row, at)).collect(),
            case_of: rows.iter().enumerate().map(|(at, row)| ((&*row.entity, period(at)), parts.judged.case_of[at])).collect(),
        };
        let mut folded = Vec::new();
        for world in inject::worlds(&self.planting.injected, &self.planting.templates, learned, &avoid, self.planting.seed)? {
            go_on()?;
            let one = &self.planting.injected[world.entry];
            let sites = world.sites.iter().map(|site| case_at(site.unit)).collect();
            let described = described(one, world.entry, world.strength, sites);
            let mut folding = self.folding();
            let touched = folding.add(&world.judged)?;
            let done = folding.finish(experiment)?;
            let mut next =
                real.compared(&done, described, touched.as_deref().filter(|_| !one.benign).map(|units| (units, &*world.judged.copy_of)))?;
            if let Some(training) = &world.training {
                let mut folding = self.folding();
                folding.add(training)?;
                let touched = folding.add(&world.judged)?.unwrap_or_default();
                next.poisoned = Some(real.poisoned(&folding.finish(experiment)?, &touched, &world.judged.copy_of)?);
            }
            folded.push(next);
        }
        for (away, collector, baseline) in self.planting.holidays {
            go_on()?;
            let one = &self.planting.injected[away.entry];
            let folding = Folding { enricher: self.enricher.clone(), derive: &self.derive, collector, baseline };
            folded.push(real.compared(&folding.finish(experiment)?, described(one, away.entry, away.strength, Vec::new()), None)?);
        }
        folded.sort_by_key(|folded| (folded.world.entry, folded.world.order));
        Ok(folded)
    }

    fn folding(&self) -> Folding<'_> {
        Folding {
            enricher: self.enricher.clone(),
            derive: &self.derive,
            collector: self.collector.clone(),
            baseline: self.baseline.clone(),
        }
    }
}

fn described(one: &Injected, entry: usize, order: usize, sites: Vec<Option<u32>>) -> PlantedWorld {
    let strength = one.strengths().swap_remove(order);
    PlantedWorld {
        entry,
        order,
        behaviour: one.behaviour.id.to_owned(),
        note: one.note().map(str::to_owned),
        parameter: one.behaviour.strength.to_owned(),
        strength: strength.value,
        text: strength.text,
        benign: one.benign,
        sites,
        units: Vec::new(),
    }
}

/// One world under way.
struct Folding<'a> {
    enricher: Enricher,
    derive: &'a Derive,
    collector: Collector,
    baseline: Option<Baseline>,
}

/// One world, folded.
struct Done {
    table: UnitTable,
    parts: Split,
    flags: Option<Vec<bool>>,
}

impl Folding<'_> {
    /// Adds planted events; gives the unit of each, or nothing where there is none.
    fn add(&mut self, planted: &Planted) -> Result<Option<Vec<u32>>> {
        if planted.events.height() == 0 {
            return Ok(None);
        }
        let events = self.derive.apply(self.enricher.apply(planted.events.clone())?)?;
        let units = self.collector.push(&events)?;
        if let Some(baseline) = &mut self.baseline {
            baseline.push(&events, &units)?;
        }
        Ok(Some(units))
    }

    fn finish(self, experiment: &Experiment) -> Result<Done> {
        let table = self.collector.finish()?;
        let units = units(&table);
        let frame = experiment.window.as_ref().map(Frame::of).transpose()?;
        let clusters = clusters(experiment, &table)?;
        let parts = parts::split(&units, frame.as_ref(), &experiment.evaluate.alerts, clusters.as_deref(), None)?;
        let flags = self.baseline.map(|baseline| flagged(baseline, &units, &table, &parts)).transpose()?.map(|(_, judged)| judged);
        Ok(Done { table, parts, flags })
    }
}

impl Done {
    /// The judged units that planted events are in, each with its copy, in the order of the units.
    fn touched(&self, units: &[u32], copy_of: &[u32]) -> Vec<(usize, u32)> {
        let mut touched: Vec<(usize, u32)> = units
            .iter()
            .zip(copy_of)
            .filter_map(|(&unit, &copy)| {
                let row = self.table.order.get(unit as usize).copied().flatten()? as usize;
                self.parts.judged_units.binary_search(&row).ok().map(|at| (at, copy))
            })
            .collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

impl Real<'_> {
    /// Judged units of a world, each with its copy, as planted ones.
    fn units(&self, done: &Done, scaled: &Matrices, touched: &[(usize, u32)]) -> Result<Vec<PlantedUnit>> {
        let rows: Vec<usize> = touched.iter().map(|(at, _)| *at).collect();
        let starts: Vec<i64> = rows.iter().map(|&at| done.parts.judged.starts[at]).collect();
        let suppressed = suppress::of_judged(self.experiment, scaled, &rows, &starts)?;
        let unit = |(row, (&(at, copy), rule)): (usize, (&(usize, u32), Option<u16>))| self.unit(done, at, copy, row, rule);
        Ok(touched.iter().zip(suppressed).enumerate().map(unit).collect())
    }

    fn unit(&self, done: &Done, at: usize, copy: u32, row: usize, suppressed: Option<u16>) -> PlantedUnit {
        let part = &done.parts.judged;
        let period = part.cases[part.case_of[at] as usize].budget_period;
        let key = &part.rows[at];
        let own = self.row_of.get(key).map(|&real| self.parts.judged.case_of[real]);
        PlantedUnit {
            copy,
            row,
            period,
            own: own.or_else(|| self.case_of.get(&(&*key.entity, period)).copied()),
            flagged: done.flags.as_ref().is_some_and(|flags| flags[at]),
            suppressed,
        }
    }

    /// The rows of a world that are scored: those of the planted events, or, where none are named, all that differ from the real ones.
    fn compared(&self, done: &Done, mut world: PlantedWorld, planted: Option<(&[u32], &[u32])>) -> Result<Folded> {
        let scaled = scale(&done.table, &done.parts.training_units, &done.parts.judged_units, self.experiment.scale)?;
        let touched = match planted {
            Some((units, copy_of)) => done.touched(units, copy_of),
            None => {
                let differs = |at: &usize| match self.row_of.get(&done.parts.judged.rows[*at]) {
                    Some(&real) => {
                        self.matrices.judged.features() != scaled.judged.features()
                            || self.matrices.judged.row(real) != scaled.judged.row(*at)
                    }
                    None => true,
                };
                (0..done.parts.judged_units.len()).filter(differs).map(|at| (at, done.parts.judged.case_of[at])).collect()
            }
        };
        world.units = self.units(done, &scaled, &touched)?;
        let rows: Vec<usize> = touched.iter().map(|(at, _)| *at).collect();
        Ok(Folded {
            world,
            rows: scaled.judged.select_rows(&rows),
            same_training: scaled.training == self.matrices.training,
            poisoned: None,
        })
    }

    fn poisoned(&self, done: &Done, units: &[u32], copy_of: &[u32]) -> Result<Poisoned> {
        let scaled = scale(&done.table, &done.parts.training_units, &done.parts.judged_units, self.experiment.scale)?;
        let touched = done.touched(units, copy_of);
        let units = self.units(done, &scaled, &touched)?;
        let place: HashMap<&RowKey, usize> = done.parts.judged.rows.iter().enumerate().map(|(at, row)| (row, at)).collect();
        let real: Vec<usize> = self.parts.judged.rows.iter().filter_map(|row| place.get(row).copied()).collect();
        let rows: Vec<usize> = touched.iter().map(|(at, _)| *at).collect();
        Ok(Poisoned { training: scaled.training, judged: scaled.judged.select_rows(&real), rows: scaled.judged.select_rows(&rows), units })
    }
}
