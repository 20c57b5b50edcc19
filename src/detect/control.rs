//! Controls: what needs no machine learning. Chance, and every field alone in both directions.

use std::sync::Arc;

use super::{Kind, Outcome, ScoreColumn, Scored, run::derive_seed};
use crate::units::{FeatureMatrix, RowKey};

/// The scores of every control: `random`, then `field:NAME` (high is strange) and `field:NAME:low` for each field.
pub(super) fn controls(training: &FeatureMatrix, judged: &FeatureMatrix, seed: u64, repeats: u32) -> Vec<ScoreColumn> {
    let mut columns = vec![random(training.rows(), judged.rows(), seed, repeats)];
    for (index, name) in judged.features().iter().enumerate() {
        for (id, sign) in [(format!("field:{name}"), 1.0), (format!("field:{name}:low"), -1.0)] {
            let values = |matrix: &FeatureMatrix| matrix.column(index).iter().map(|v| sign * v).collect();
            columns.push(control(id, "single-field", Scored { training: values(training), judged: values(judged), ..Scored::default() }));
        }
    }
    columns
}

fn control(id: String, method: &str, scored: Scored) -> ScoreColumn {
    ScoreColumn { id, kind: Kind::Control, method: method.into(), outcome: Outcome::Scored(Box::new(scored)) }
}

fn random(training: &Arc<[RowKey]>, judged: &Arc<[RowKey]>, seed: u64, repeats: u32) -> ScoreColumn {
    let draw = |rows: &[RowKey], repeat: u32| {
        let seed = derive_seed(seed, "random", repeat);
        rows.iter().map(|key| chance(seed, key)).collect::<Vec<f64>>()
    };
    let repeats = (1..repeats.max(1)).map(|repeat| draw(judged, repeat)).collect();
    control("random".into(), "random", Scored { training: draw(training, 0), judged: draw(judged, 0), repeats, ..Scored::default() })
}

/// A number from 0 to 1 that depends on the seed and the row's key alone: FNV-1a, then the finaliser of `SplitMix64` (Steele et al. 2014).
fn chance(seed: u64, key: &RowKey) -> f64 {
    let bytes = key.entity.bytes().chain(key.period.to_le_bytes());
    let mut hash = bytes.fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_even_and_depends_on_the_key_alone() {
        let keys: Arc<[RowKey]> = (0..10_000).map(|i| RowKey { entity: format!("host-{}", i % 100).into(), period: i / 100 }).collect();
        let ScoreColumn { outcome: Outcome::Scored(scored), .. } = random(&keys, &keys, 7, 3) else { panic!() };
        assert_eq!(scored.training, scored.judged);
        assert_eq!(scored.repeats.len(), 2);
        assert_ne!(scored.repeats[0], scored.judged);
        let mean = scored.judged.iter().sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
        assert!(scored.judged.iter().all(|s| (0.0..1.0).contains(s)));
    }
}
