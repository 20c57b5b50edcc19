//! How tightly scores enclose the data: mass-volume and excess-mass curves (Goix, "How to Evaluate the Quality of Unsupervised Anomaly Detection
//! Algorithms?", ICML Anomaly Detection Workshop 2016, arXiv 1607.01152). They need no label, and choose nothing here.
//!
//! A set of a scoring function is what scores at most u. Its mass is the share of judged units in it, its volume the share of uniform points in it
//! that were drawn in the smallest box around those units (so the box has volume 1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Masses at which the mass-volume curve is told.
pub const MASSES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];
/// Prices of volume at which the excess-mass curve is told, the box's volume being 1.
pub const PRICES: [f64; 4] = [0.5, 1.0, 10.0, 100.0];
/// The area of the mass-volume curve is taken from this mass to 1, that of the excess-mass curve until its value falls to it (Goix 2016, section 2).
const HIGH_MASS: f64 = 0.9;
/// Where sets of volume 0 hold more than that mass, the excess mass never falls to it: the area then ends at this price, as in the author's code.
const LAST_PRICE: f64 = 100.0;

/// Both curves of every contender. Diagnostics: nothing is chosen by them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MassVolume {
    /// On how many draws of features the curves are averaged.
    pub draws: u64,
    /// How many features each draw takes.
    pub features: u64,
    /// Of how many.
    pub of_features: u64,
    /// Rows that each fit learned from.
    pub learned: u64,
    /// Judged rows whose mass is counted.
    pub judged: u64,
    /// Uniform points whose volume is counted.
    pub points: u64,
    /// The masses of `volume_at`.
    pub masses: Vec<f64>,
    /// The prices of `excess_at`.
    pub prices: Vec<f64>,
    /// The contenders in their order, without those that could not be fitted on so few features.
    pub contenders: Vec<Enclosure>,
}

/// Both curves of one contender: means over the draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Enclosure {
    /// Its id.
    pub contender: String,
    /// The least share of the box that holds each of `masses`.
    pub volume_at: Vec<f64>,
    /// The most that mass exceeds volume at each of `prices`.
    pub excess_at: Vec<f64>,
    /// Area below the mass-volume curve from 0.9 to 1: the mean over the draws, the least and the most.
    pub volume_area: [f64; 3],
    /// Area below the excess-mass curve until it falls to 0.9: the mean over the draws, the least and the most.
    pub excess_area: [f64; 3],
}

/// The sets of one scoring function: mass and volume of each, growing, the empty one first.
#[derive(Debug)]
pub struct Sets {
    mass: Vec<f64>,
    volume: Vec<f64>,
}

impl Sets {
    /// From the scores of units and of uniform points; `None` without either.
    pub fn new(units: &[f64], points: &[f64]) -> Option<Self> {
        if units.is_empty() || points.is_empty() {
            return None;
        }
        let sorted = |scores: &[f64]| {
            let mut sorted = scores.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            sorted
        };
        let (units, points) = (sorted(units), sorted(points));
        let (mut mass, mut volume) = (vec![0.0], vec![0.0]);
        for (at, score) in units.iter().enumerate() {
            // Ties enter a set together.
            if units.get(at + 1).is_some_and(|next| next == score) {
                continue;
            }
            mass.push((at + 1) as f64 / units.len() as f64);
            volume.push(points.partition_point(|point| point <= score) as f64 / points.len() as f64);
        }
        Some(Self { mass, volume })
    }

    /// The least volume that holds a mass.
    pub fn volume_at(&self, mass: f64) -> f64 {
        let at = self.mass.partition_point(|&held| held < mass);
        self.volume[at.min(self.volume.len() - 1)]
    }

    /// The most by which the mass of a set exceeds its volume at a price.
    pub fn excess_at(&self, price: f64) -> f64 {
        self.mass.iter().zip(&self.volume).map(|(mass, volume)| mass - price * volume).fold(0.0, f64::max)
    }

    /// The area below the mass-volume curve from a mass of 0.9 to 1.
    pub fn volume_area(&self) -> f64 {
        let steps = self.mass.windows(2).zip(&self.volume[1..]);
        steps.map(|(mass, volume)| (mass[1] - mass[0].max(HIGH_MASS)).max(0.0) * volume).sum()
    }

    /// The area below the excess-mass curve from price 0 until it falls to a mass of 0.9, at most until price 100.
    pub fn excess_area(&self) -> f64 {
        let falls = |(mass, volume): (&f64, &f64)| if *mass > HIGH_MASS { (mass - HIGH_MASS) / volume } else { 0.0 };
        let end = self.mass.iter().zip(&self.volume).map(falls).fold(0.0, f64::max).min(LAST_PRICE);
        // Between two corners of the upper hull of (volume, mass) one set is the best at every price, and the curve a line.
        let mut from = end;
        let mut area = 0.0;
        for (corner, next) in self.hull() {
            let (mass, volume) = (self.mass[corner], self.volume[corner]);
            let least = next.map_or(0.0, |next| (self.mass[next] - mass) / (self.volume[next] - volume)).min(from);
            area += (from - least) * (mass - volume * (from + least) / 2.0);
            from = least;
        }
        area
    }

    /// The corners of the upper hull by growing volume, each with the one after it.
    fn hull(&self) -> Vec<(usize, Option<usize>)> {
        let mut corners: Vec<usize> = Vec::new();
        for at in 0..self.mass.len() {
            while let Some(&last) = corners.last() {
                let before = corners.len().checked_sub(2).map(|index| corners[index]);
                let flat = self.volume[at] <= self.volume[last];
                let below = before.is_some_and(|before| {
                    (self.mass[last] - self.mass[before]) * (self.volume[at] - self.volume[before])
                        <= (self.mass[at] - self.mass[before]) * (self.volume[last] - self.volume[before])
                });
                if !flat && !below {
                    break;
                }
                corners.pop();
            }
            corners.push(at);
        }
        (0..corners.len()).map(|index| (corners[index], corners.get(index + 1).copied())).collect()
    }
}

impl Enclosure {
    /// The means over the draws; `None` without any.
    pub fn mean(contender: &str, draws: &[Sets]) -> Option<Self> {
        if draws.is_empty() {
            return None;
        }
        let n = draws.len() as f64;
        let mean = |of: &dyn Fn(&Sets) -> f64| draws.iter().map(of).sum::<f64>() / n;
        let spread = |of: fn(&Sets) -> f64| {
            let values: Vec<f64> = draws.iter().map(of).collect();
            let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
            [values.iter().sum::<f64>() / n, least, most]
        };
        Some(Self {
            contender: contender.to_owned(),
            volume_at: MASSES.iter().map(|&mass| mean(&|sets| sets.volume_at(mass))).collect(),
            excess_at: PRICES.iter().map(|&price| mean(&|sets| sets.excess_at(price))).collect(),
            volume_area: spread(Sets::volume_area),
            excess_area: spread(Sets::excess_area),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// `mass_volume.py` beside it made both files, by counting and by sums over fine grids.
    const SCORES: &str = include_str!("fixture/mass_volume.json");

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    }

    #[test]
    fn the_curves_are_those_of_an_independent_script() {
        let fixture: Value = serde_json::from_str(SCORES).unwrap();
        let cases = fixture.as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            let sets = Sets::new(&numbers(&case["units"]), &numbers(&case["points"])).unwrap();
            let close = |what: &str, found: f64, wanted: &Value, within: f64| {
                let wanted = wanted.as_f64().unwrap();
                assert!((found - wanted).abs() <= within, "{}: {what} is {found}, the script has {wanted}", case["name"]);
            };
            for (mass, wanted) in MASSES.iter().zip(case["volume_at"].as_array().unwrap()) {
                close("volume", sets.volume_at(*mass), wanted, 1e-12);
            }
            for (price, wanted) in PRICES.iter().zip(case["excess_at"].as_array().unwrap()) {
                close("excess", sets.excess_at(*price), wanted, 1e-12);
            }
            close("area of volume", sets.volume_area(), &case["volume_area"], 1e-12);
            // The script's sum over a grid of prices is that fine.
            close("area of excess", sets.excess_area(), &case["excess_area"], 1e-5 * case["excess_area"].as_f64().unwrap().max(1.0));
        }
    }

    #[test]
    fn chance_encloses_as_much_volume_as_mass() {
        let even: Vec<f64> = (0..1000).map(f64::from).collect();
        let sets = Sets::new(&even, &even).unwrap();
        for mass in MASSES {
            assert!((sets.volume_at(mass) - mass).abs() < 1e-9);
        }
        assert!((sets.volume_area() - 0.095).abs() < 1e-3);
        assert_eq!(sets.excess_at(1.0), 0.0);
        assert!((sets.excess_at(0.5) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_told_of_nothing() {
        assert!(Sets::new(&[], &[1.0]).is_none());
        assert!(Sets::new(&[1.0], &[]).is_none());
        assert!(Enclosure::mean("a", &[]).is_none());
    }

    proptest! {
        #[test]
        fn the_curves_have_their_shapes(units in prop::collection::vec(0..40_i32, 1..60), points in prop::collection::vec(0..60_i32, 1..60)) {
            let score = |of: &[i32]| of.iter().map(|&n| f64::from(n)).collect::<Vec<_>>();
            let sets = Sets::new(&score(&units), &score(&points)).unwrap();
            let volumes: Vec<f64> = (0..=100).map(|mass| sets.volume_at(f64::from(mass) / 100.0)).collect();
            prop_assert!(volumes.windows(2).all(|pair| pair[0] <= pair[1]), "more mass takes no less volume");
            let excess: Vec<f64> = (0..=1000).map(|price| sets.excess_at(f64::from(price) / 10.0)).collect();
            prop_assert_eq!(excess[0], 1.0);
            prop_assert!(excess.windows(2).all(|pair| pair[0] >= pair[1] && pair[1] >= 0.0));
            prop_assert!(excess.windows(3).all(|of| of[1] <= (of[0] + of[2]) / 2.0 + 1e-12), "the excess mass is convex");
            prop_assert!((0.0..=100.0).contains(&sets.excess_area()) && (0.0..=0.1 + 1e-12).contains(&sets.volume_area()));
            // Only the order counts.
            let grown = |of: &[i32]| of.iter().map(|&n| (f64::from(n) / 9.0).exp()).collect::<Vec<_>>();
            let same = Sets::new(&grown(&units), &grown(&points)).unwrap();
            prop_assert_eq!((same.excess_area(), same.volume_area()), (sets.excess_area(), sets.volume_area()));
        }
    }
}
