//! One contender at cuts other than the budget's: where it catches what the baseline catches, where it keeps a share of the incidents, where the
//! training part would have put the cut.

use super::Contestant;
use crate::{
    evaluate::{
        AtRecall, Estimate, Point, Question,
        frame::Frame,
        intervals::{cut_ranks, equal_detection_rank, normal, tail},
        measure::is_false,
        point::{Bias, Limits, weeks_to_come},
        two_way::Refusal,
    },
    said,
};

/// The recall at which a cut is reported where no criterion names one.
const DEFAULT_RECALL: f64 = 0.8;

impl Contestant<'_> {
    /// The smallest number of alerts with which it catches as many incidents as the baseline: a fixed cut over the whole judged part.
    pub(super) fn equal_detection(&self, frame: &Frame<'_>) -> Option<Point> {
        let base = frame.baseline.as_ref().filter(|_| frame.complete)?;
        let n = self.ranked.alerts_to_catch(&frame.judged, base.caught.iter().filter(|c| **c).count())?;
        let raised = self.ranked.first(n);
        let mut point = frame.point(&raised, self.alerting(), Limits::None);
        if let Some(reduction) = &mut point.fp_reduction {
            self.bound_equal_detection(frame, reduction);
        }
        Some(point)
    }

    /// Gives the value at equal detection its one-sided upper bound for the next window.
    fn bound_equal_detection(&self, frame: &Frame<'_>, reduction: &mut Estimate) {
        let places = self.counted_places(frame);
        reduction.question = Question::WeeksToCome;
        reduction.method = said!(en: "order statistics, one-sided", fr: "statistiques d’ordre, d’un seul côté");
        reduction.note = Some(said!(
            en: "a value of this window: no lower limit exists for the weeks to come",
            fr: "une valeur de cette fenêtre : il n’existe pas de borne inférieure pour les semaines à venir",
        ));
        if let Some(rank) = equal_detection_rank(places.len(), frame.confidence) {
            let at = places[places.len() - rank];
            reduction.high = Some(self.reduction_at(frame, at as usize + 1).max(reduction.value));
        }
    }

    /// The places of the incidents that count, highest score first.
    fn counted_places(&self, frame: &Frame<'_>) -> Vec<u32> {
        let all = self.ranked.incident_places(&frame.judged);
        let mut places: Vec<u32> =
            all.into_iter().zip(&frame.counted).filter(|(_, counted)| **counted).filter_map(|(place, _)| place).collect();
        places.sort_unstable();
        places
    }

    /// 1 - false alerts among the first `n` cases / false alerts of the baseline.
    fn reduction_at(&self, frame: &Frame<'_>, n: usize) -> f64 {
        let Some(base) = &frame.baseline else { return 0.0 };
        let wrong = self.ranked.order[..n].iter().filter(|&&case| is_false(frame.judged.truth[case as usize])).count();
        1.0 - wrong as f64 / base.false_cells.total.max(1.0)
    }

    /// The reduction at the cut that keeps a share of the incidents: order statistics, widened by the curve's own error in quadrature.
    pub(super) fn at_recall(&self, frame: &Frame<'_>) -> Option<AtRecall> {
        frame.baseline.as_ref().filter(|base| frame.complete && frame.has_time && base.false_cells.total > 0.0)?;
        let places = self.counted_places(frame);
        if !frame.has_kept() || places.is_empty() {
            return None;
        }
        let recall = asked_recall(frame).unwrap_or(DEFAULT_RECALL);
        let ranks = cut_ranks(places.len(), recall, frame.confidence);
        let alerts = |rank: usize| if rank == 0 { 0 } else { places[rank - 1] as usize + 1 };
        let reduction = |rank: usize| self.reduction_at(frame, alerts(rank));
        let error = |rank: usize| match frame.log_ratio(&frame.false_cells(&self.ranked.first(alerts(rank))), Limits::All(Bias::default()))
        {
            Some(Ok(found)) => Some(normal(tail(frame.confidence)) * (1.0 - reduction(rank)) * found.deviation()),
            Some(Err(Refusal::NothingSeen)) => Some(0.0),
            _ => None,
        };
        let value = reduction(ranks.point);
        let mut estimate = weeks_to_come(
            value,
            said!(en: "order statistics, curve error in quadrature", fr: "statistiques d’ordre, erreur de la courbe en quadrature"),
        );
        estimate.low = ranks.deep.and_then(|rank| error(rank).map(|e| value - (value - reduction(rank)).hypot(e)));
        estimate.high = error(ranks.shallow).map(|e| (value + (reduction(ranks.shallow) - value).hypot(e)).min(1.0));
        if ranks.deep.is_none() {
            estimate.note = Some(said!(
                en: "{n} incidents are too few for a lower limit at this recall",
                fr: "{n} incidents ne suffisent pas pour une borne inférieure à ce taux",
                n = places.len(),
            ));
        }
        Some(AtRecall { recall, fp_reduction: estimate })
    }

    /// The cut that the training part would have given.
    pub(super) fn prospective(&self, frame: &Frame<'_>) -> Option<Point> {
        if !frame.has_time || frame.input.in_sample {
            return None;
        }
        let (cut, how) = frame.prospective_cut(self.training.as_ref()?)?;
        let mut point = frame.point(&self.ranked.reaching(cut), self.alerting(), Limits::All(Bias::default()));
        if let Some(reduction) = &mut point.fp_reduction {
            reduction.note = Some(match reduction.note.take() {
                Some(note) => said!(en: "{how}, taken as fixed; {note}", fr: "{how}, tenu pour fixe ; {note}", how = how, note = note),
                None => said!(en: "{how}, taken as fixed", fr: "{how}, tenu pour fixe", how = how),
            });
        }
        Some(point)
    }
}

/// The recall that a criterion asks for, where it is below 1.
fn asked_recall(frame: &Frame<'_>) -> Option<f64> {
    let require = &frame.input.decision?.require;
    require.iter().find(|c| c.metric == "recall_kept").and_then(|c| c.at_least).filter(|q| (0.0..1.0).contains(q) && *q > 0.0)
}
