//! What every section asks of a run: its language, its numbers, its pick and its baseline.

use std::{borrow::Cow, ops::Deref};

use super::{ReportInput, names};
use crate::{
    decide::Standing,
    evaluate::{Alert, Measured, Point, Status},
    record::evidence::Events,
    spec::{Language, Policy},
    text::{Dates, Numbers, visible_within},
};

/// A run with the way its report is written.
pub(super) struct View<'a> {
    input: &'a ReportInput,
    /// The language of its sentences.
    pub language: Language,
    /// How its numbers are written.
    pub numbers: Numbers,
    /// How its times are written.
    pub dates: Dates,
    zone: chrono_tz::Tz,
}

impl Deref for View<'_> {
    type Target = ReportInput;

    fn deref(&self) -> &ReportInput {
        self.input
    }
}

impl<'a> View<'a> {
    /// Looks at a run in the language and zone of its experiment.
    pub(super) fn new(input: &'a ReportInput) -> Self {
        let experiment = &input.resolved.experiment;
        let language = experiment.report.language;
        let zone = experiment.window.as_ref().and_then(|window| window.timezone.parse().ok()).unwrap_or(chrono_tz::UTC);
        Self { input, language, numbers: Numbers::new(language), dates: Dates::new(language, zone), zone }
    }

    /// The rule in place today, where it was measured.
    pub(super) fn baseline(&self) -> Option<&'a Measured> {
        self.input.evaluation.baseline().filter(|baseline| baseline.budget.is_some())
    }

    /// What the rule in place today gives.
    pub(super) fn baseline_point(&self) -> Option<&'a Point> {
        self.baseline().and_then(|baseline| baseline.budget.as_ref())
    }

    /// The contender that is judged, and what it gives at the budget with the bias of the choice taken off.
    pub(super) fn pick(&self) -> Option<(&'a Measured, &'a Point)> {
        let evaluation = &self.input.evaluation;
        let id = self.pick_id()?;
        let measured = evaluation.contender(id)?;
        let point = evaluation.pick.as_ref().filter(|pick| pick.id == id).map(|pick| &pick.budget).or(measured.budget.as_ref())?;
        Some((measured, point))
    }

    /// The id of the contender that is judged.
    pub(super) fn pick_id(&self) -> Option<&'a str> {
        self.input.decision.pick.as_deref().or(self.input.evaluation.pick.as_ref().map(|pick| pick.id.as_str()))
    }

    /// Whether a contender is the one that is judged.
    pub(super) fn is_pick(&self, contender: &Measured) -> bool {
        self.pick_id() == Some(contender.id.as_str())
    }

    /// Whether false alerts can be told from true ones: there are labels, and for every alert.
    pub(super) fn has_labels(&self) -> bool {
        self.input.evaluation.labels.is_some() && self.measured().all(|(_, point)| point.unknown_alerts == 0)
    }

    /// Whether contenders were cut at a threshold of the training part, not at the highest of each period.
    pub(super) fn fixed_threshold(&self) -> bool {
        !self.evaluation.in_sample && self.resolved.experiment.evaluate.alerts.policy == Policy::Threshold
    }

    /// How many alerts a point raises a week; without time, in all.
    pub(super) fn alerts(&self, point: &Point) -> f64 {
        if self.input.evaluation.judged_days > 0.0 { point.alerts_per_day * 7.0 } else { point.alerts as f64 }
    }

    /// What follows a number of alerts: ` a week`; nothing without time, where it is a total.
    pub(super) fn rate(&self) -> &'static str {
        match self.language {
            _ if self.input.evaluation.judged_days <= 0.0 => "",
            Language::En => " a week",
            Language::Fr => " par semaine",
        }
    }

    /// Whether the money of the run is that of a contender.
    pub(super) fn is_costed(&self, contender: &Measured) -> bool {
        self.input.cost.as_ref().is_some_and(|cost| cost.contender == contender.id || cost.contender == contender.title)
    }

    /// A contender's name, safe and short enough for a table.
    pub(super) fn title(&self, contender: &Measured) -> String {
        visible_within(&names::contender(self.language, contender), 28).into_owned()
    }

    /// The name of the contender with an id, or the id.
    pub(super) fn title_of(&self, id: &str) -> String {
        self.input.evaluation.contender(id).map_or_else(|| visible_within(id, 28).into_owned(), |found| self.title(found))
    }

    /// Contenders that were scored and measured at the budget, in the order of the experiment.
    pub(super) fn measured(&self) -> impl Iterator<Item = (&'a Measured, &'a Point)> + use<'a> {
        self.input
            .evaluation
            .contenders
            .iter()
            .filter(|contender| contender.outcome == Status::Scored)
            .filter_map(|contender| contender.budget.as_ref().map(|point| (contender, point)))
    }

    /// Contenders that gave no scores.
    pub(super) fn without_scores(&self) -> impl Iterator<Item = &'a Measured> + use<'a> {
        self.input.evaluation.contenders.iter().filter(|contender| contender.outcome != Status::Scored)
    }

    /// The worst standing among the criteria.
    pub(super) fn standing(&self) -> Option<Standing> {
        let standings = || self.input.decision.criteria.iter().map(|judged| judged.standing);
        [Standing::NotMet, Standing::Open, Standing::Met].into_iter().find(|worst| standings().any(|standing| standing == *worst))
    }

    /// The window's first moment, the end of training, and the first moment outside, microseconds since 1970 UTC.
    pub(super) fn window(&self) -> Option<[i64; 3]> {
        let window = self.input.resolved.experiment.window.as_ref()?;
        Some([window.start.micros(self.zone), window.train_end.micros(self.zone), window.end.micros(self.zone)])
    }

    /// How many days are learned from: those of the warm-up are not.
    pub(super) fn days_learned_from(&self) -> Option<f64> {
        let window = self.input.resolved.experiment.window.as_ref()?;
        Some((window.train_end.micros(self.zone) - window.learned_from(self.zone)) as f64 / 86_400e6)
    }

    /// The confidence of every interval: `90 %`.
    pub(super) fn confidence(&self) -> String {
        self.numbers.percent(self.input.evaluation.confidence)
    }

    /// The events behind an alert, where they were read.
    pub(super) fn events_of(&self, alert: &Alert) -> Option<&'a Events> {
        self.input.events.as_ref()?.alerts.get(usize::try_from(alert.rank).ok()?.checked_sub(1)?).filter(|events| events.count > 0)
    }

    /// What it costs, where the experiment says so.
    pub(super) fn cost(&self) -> Option<&'a crate::cost::CostReport> {
        self.input.cost.as_ref()
    }

    /// The use case's title.
    pub(super) fn use_case(&self) -> Cow<'a, str> {
        visible_within(&self.input.resolved.experiment.use_case.title, 120)
    }

    /// The alerts that the labels do not call attacks; all of them where nothing is labelled.
    pub(super) fn false_alerts(&self) -> impl Iterator<Item = &'a crate::evaluate::Alert> + use<'a> {
        let labelled = self.has_labels();
        self.input.alerts.iter().filter(move |alert| !labelled || alert.disposition != Some(crate::units::Disposition::TruePositive))
    }
}
