//! Whether a handful of rows makes a run: where the first rows are all rows, the run's own steps up to the matrix tell, in no time.

use super::gather::{Gathered, gather};
use crate::{
    error::{Error, Problem},
    experiment::load::Loaded,
    fields::scale,
    observe::Silent,
    said,
};

/// Fewer units than this in a part show no difference between usual and unusual.
const FEW: usize = 20;

/// What a run on all rows would end with, or how few units it would have.
pub(super) fn problem(loaded: &Loaded) -> Option<Problem> {
    let experiment = &loaded.experiment;
    let place = if experiment.window.is_some() { "window" } else { "sources" };
    let made = gather(loaded, experiment.seed, None, &Silent).and_then(|gathered| {
        let Gathered { table, parts, quality, .. } = &gathered;
        scale(table, &parts.training_units, &parts.judged_units, experiment.scale)?;
        Ok((parts.training_units.len(), parts.judged_units.len(), quality.sources.iter().map(|source| source.rows).sum::<u64>()))
    });
    match made {
        Err(Error::Interrupted) => None,
        // Each with a place of its own.
        Err(Error::Experiment(mut invalid)) => invalid.problems.drain(..).next(),
        Err(error) => {
            let problem = Problem::error("E032", place, format!("a run on these few rows would end with: {error}"));
            Some(problem.help(error.hint().unwrap_or("name more of the logs: a week or two").to_owned()))
        }
        Ok((learned, judged, rows)) if learned < FEW || judged < FEW => {
            let said = said!(
                en: "{rows} rows make {learned} units to learn from and {judged} to judge: too few to tell usual from unusual",
                fr: "{rows} lignes donnent {learned} unités à apprendre et {judged} à juger : trop peu pour distinguer l’habituel de l’inhabituel",
                rows = rows,
                learned = learned,
                judged = judged,
            );
            Some(
                Problem::warning("W037", place, said)
                    .help("name more of the logs, such as a glob over a week or two, or shorten `entity.every`"),
            )
        }
        Ok(_) => None,
    }
}
