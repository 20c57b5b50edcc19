//! How far a field's distribution moved between the parts.

use crate::fields::order::quantile;

/// What an empty bin counts as: half a unit.
const FLOOR: f64 = 0.5;

/// The population stability index, sum over bins of (q - p) ln(q / p), where the bins are cut at the deciles of the training part and p and
/// q are the shares of the two parts in each (Siddiqi, *Credit Risk Scorecards*, 2006: below 0.1 little, above 0.25 much). An empty bin
/// counts as half a unit. Equal deciles are one cut. `None` where a part is empty.
pub(super) fn stability_index(training: &[f64], judged: &[f64]) -> Option<f64> {
    if training.is_empty() || judged.is_empty() {
        return None;
    }
    let mut cuts: Vec<f64> = (1..10).filter_map(|decile| quantile(training, f64::from(decile) / 10.0)).collect();
    cuts.dedup();
    // Where more than nine tenths are one value, what lies below and above it is all there is to tell apart.
    let below = |sorted: &[f64], cut: f64| sorted.partition_point(|value| *value < cut);
    let up_to = |sorted: &[f64], cut: f64| sorted.partition_point(|value| *value <= cut);
    let counts = |sorted: &[f64]| -> Vec<f64> {
        let mut counts = vec![below(sorted, cuts[0]) as f64];
        counts.push((up_to(sorted, cuts[0]) - below(sorted, cuts[0])) as f64);
        counts.extend(cuts.windows(2).map(|pair| (up_to(sorted, pair[1]) - up_to(sorted, pair[0])) as f64));
        counts.push((sorted.len() - up_to(sorted, cuts[cuts.len() - 1])) as f64);
        counts
    };
    let (p, q) = (counts(training), counts(judged));
    let (all_p, all_q) = (training.len() as f64, judged.len() as f64);
    let terms = p.iter().zip(&q).filter(|(p, q)| **p > 0.0 || **q > 0.0).map(|(p, q)| {
        let (p, q) = (p.max(FLOOR) / all_p, q.max(FLOOR) / all_q);
        (q - p) * (q / p).ln()
    });
    Some(terms.sum::<f64>() + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_drift_is_zero() {
        let part: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(stability_index(&part, &part), Some(0.0));
        assert_eq!(stability_index(&[5.0, 5.0], &[5.0]), Some(0.0));
        assert_eq!(stability_index(&part, &[]), None);
    }

    #[test]
    fn hand_computed() {
        // All cuts are 0: bins below, at, above 0. Shares 0, 1, 0 against 0, 0.5, 0.5, where the empty bin above counts as 0.5 of 10.
        let (p, q) = (vec![0.0; 10], vec![0.0, 1.0]);
        let expected = (0.5 - 1.0) * (0.5f64 / 1.0).ln() + (0.5 - 0.05) * (0.5f64 / 0.05).ln();
        assert!((stability_index(&p, &q).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn moves_with_the_distribution() {
        let before: Vec<f64> = (0..1000).map(f64::from).collect();
        let little: Vec<f64> = before.iter().map(|v| v + 20.0).collect();
        let much: Vec<f64> = before.iter().map(|v| v + 500.0).collect();
        let (little, much) = (stability_index(&before, &little).unwrap(), stability_index(&before, &much).unwrap());
        assert!(little < 0.1 && much > 0.25, "{little} {much}");
    }
}
