//! Measures of a ranking of units: ROC-AUC, average precision, rank correlation. Ties are handled, never broken.

/// Ranks from 1, ties sharing their mean rank.
pub fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let order = ascending(values);
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for run in order.chunk_by(|&a, &b| values[a as usize] == values[b as usize]) {
        let rank = before as f64 + (run.len() as f64 + 1.0) / 2.0;
        for &i in run {
            ranks[i as usize] = rank;
        }
        before += run.len();
    }
    ranks
}

fn ascending(values: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]).then(a.cmp(&b)));
    order
}

/// Area under the ROC curve: the chance that a positive ranks above a negative, ties counting half (Mann, Whitney 1947).
///
/// `None` where there are no positives or no negatives.
pub fn roc_auc(ranks: &[f64], positive: &[bool]) -> Option<f64> {
    let positives = positive.iter().filter(|p| **p).count() as f64;
    let negatives = positive.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let sum: f64 = ranks.iter().zip(positive).filter(|(_, p)| **p).map(|(rank, _)| rank).sum();
    Some((sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

/// Average precision: the sum over distinct scores, highest first, of (gain in recall) x (precision there), without interpolation.
///
/// `None` where there are no positives.
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let positives = positive.iter().filter(|p| **p).count() as f64;
    if positives == 0.0 {
        return None;
    }
    let mut order = ascending(scores);
    order.reverse();
    let (mut seen, mut hits, mut sum) = (0.0, 0.0, 0.0);
    for run in order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
        let new = run.iter().filter(|&&i| positive[i as usize]).count() as f64;
        seen += run.len() as f64;
        hits += new;
        sum += new / positives * hits / seen;
    }
    Some(sum)
}

/// Spearman's rank correlation, from mean ranks; 0 where either side is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean, y - mean);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if aa <= 0.0 || bb <= 0.0 { 0.0 } else { (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0) }
}

/// The q-quantile with linear interpolation between order statistics (type 7 of Hyndman, Fan 1996); 0 for no values.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCORES: [f64; 10] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.1, 0.8, 0.7];
    const POSITIVE: [bool; 10] = [false, false, true, true, true, false, false, false, true, false];

    #[test]
    fn auc_and_average_precision_by_hand() {
        // Positives 0.35, 0.8, 0.4, 0.8 against 0.1, 0.4, 0.4, 0.9, 0.1, 0.7: 2 + 5 + (2 + 2/2) + 5 of 24 pairs.
        // scikit-learn 1.x gives 0.625 and 0.5654761904761905.
        assert!((roc_auc(&mean_ranks(&SCORES), &POSITIVE).unwrap() - 15.0 / 24.0).abs() < 1e-12);
        // Down the distinct scores: 0.9 (0 of 1), 0.8 (2 of 3), 0.7 (2 of 4), 0.4 (3 of 7), 0.35 (4 of 8), 0.1.
        let expected = 0.5 * (2.0 / 3.0) + 0.25 * (3.0 / 7.0) + 0.25 * (4.0 / 8.0);
        assert!((average_precision(&SCORES, &POSITIVE).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_rank() {
        assert_eq!(roc_auc(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn correlation_and_quantiles() {
        let ranks = mean_ranks(&[3.0, 1.0, 2.0, 2.0]);
        assert_eq!(ranks, [4.0, 1.0, 2.5, 2.5]);
        assert_eq!(spearman(&ranks, &ranks), 1.0);
        assert_eq!(spearman(&ranks, &mean_ranks(&[0.0; 4])), 0.0);
        // scipy 1.x: spearmanr.
        let (a, b) = (mean_ranks(&[3.0, 1.0, 2.0, 2.0, 5.0, 5.0, 0.0]), mean_ranks(&[1.0, 1.0, 2.0, 4.0, 3.0, 6.0, 0.5]));
        assert!((spearman(&a, &b) - 0.715_626_447_332_134_4).abs() < 1e-12);
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), 2.5);
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95) - 4.8).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn auc_turns_with_the_sign(scores in proptest::collection::vec(0u8..20, 2..60), seed in 0usize..7) {
            let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
            let positive: Vec<bool> = (0..scores.len()).map(|i| (i + seed).is_multiple_of(3)).collect();
            let turned: Vec<f64> = scores.iter().map(|s| -s).collect();
            if let (Some(a), Some(b)) = (roc_auc(&mean_ranks(&scores), &positive), roc_auc(&mean_ranks(&turned), &positive)) {
                prop_assert!((a + b - 1.0).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&a));
            }
        }
    }
}
