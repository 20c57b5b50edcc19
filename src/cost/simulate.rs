//! Ten thousand draws over everything that is uncertain at once.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{
    Range,
    model::{Known, Model, Quantity, REDUCTION},
};

const DRAWS: usize = 10_000;

/// A figure of which the draws know the distribution.
#[derive(Debug, Clone, Copy)]
pub(super) enum Figure {
    /// Hours a week before.
    Before,
    /// Hours a week after.
    After,
    /// Hours a week freed.
    Freed,
    /// Money saved in a year.
    Saving,
}

/// What the draws gave, each list sorted.
pub(super) struct Draws {
    figures: [Vec<f64>; 4],
    npv: Vec<Vec<f64>>,
    /// Infinite where it does not pay for itself within ten years.
    payback: Vec<Vec<f64>>,
    /// The share of draws below the lower limit.
    tail: f64,
}

/// Draws all quantities together, so that what several options share is the same for them in each draw.
pub(super) fn draw(model: &Model, confidence: f64, seed: u64) -> Draws {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x636f_7374);
    let standard = Normal::standard();
    let limit = standard.inverse_cdf((1.0 + confidence) / 2.0);
    let mut draws = Draws {
        figures: Default::default(),
        npv: vec![Vec::with_capacity(DRAWS); model.options.len()],
        payback: vec![Vec::with_capacity(DRAWS); model.options.len()],
        tail: (1.0 - confidence) / 2.0,
    };
    let mut values = model.base();
    for _ in 0..DRAWS {
        for (place, quantity) in model.quantities.iter().enumerate() {
            let uniform: f64 = random.r#gen();
            values[place] = match quantity.known {
                Known::Given => triangular(&quantity.amount, uniform),
                Known::Measured => measured(place, quantity, standard.inverse_cdf(uniform.clamp(1e-12, 1.0 - 1e-12)) / limit),
            };
        }
        let hours = model.hours(&values);
        for (list, value) in draws.figures.iter_mut().zip([hours.before, hours.after, hours.freed(), model.saving(&values)]) {
            list.push(value);
        }
        for (index, option) in model.options.iter().enumerate() {
            let money = model.money(option, &values);
            draws.npv[index].push(money.npv);
            draws.payback[index].push(money.payback.unwrap_or(f64::INFINITY));
        }
    }
    for list in draws.figures.iter_mut().chain(&mut draws.npv).chain(&mut draws.payback) {
        list.sort_by(f64::total_cmp);
    }
    draws
}

/// The quantile of the triangular distribution; the base is its mode.
fn triangular(amount: &Range, uniform: f64) -> f64 {
    let Range { low, base, high } = *amount;
    let width = high - low;
    if width <= 0.0 {
        return base;
    }
    if uniform < (base - low) / width {
        low + (uniform * width * (base - low)).sqrt()
    } else {
        high - ((1.0 - uniform) * width * (high - base)).sqrt()
    }
}

/// A measured value `steps` half-intervals away from its estimate: on the scale of ratios, on which its interval was made.
fn measured(place: usize, quantity: &Quantity, steps: f64) -> f64 {
    let Range { low, base, high } = quantity.amount;
    let to = if steps < 0.0 { low } else { high };
    if place == REDUCTION {
        return 1.0 - moved(1.0 - base, 1.0 - to, steps.abs());
    }
    moved(base, to, steps.abs())
}

/// So many steps from a value, of which the first leads to `to`: each multiplies by the same where both are above zero.
fn moved(base: f64, to: f64, steps: f64) -> f64 {
    if base > 0.0 && to > 0.0 { base * (to / base).powf(steps) } else { (base + (to - base) * steps).max(0.0) }
}

impl Draws {
    /// A figure with its limits; the limits hold the value at the most likely amounts.
    pub fn range(&self, figure: Figure, base: f64) -> Range {
        self.limits(&self.figures[figure as usize], base)
    }

    /// The net present value of an option with its limits.
    pub fn npv(&self, option: usize, base: f64) -> Range {
        self.limits(&self.npv[option], base)
    }

    /// The favourable and the unfavourable limit of an option's payback in months.
    pub fn payback(&self, option: usize, base: Option<f64>) -> (Option<f64>, Option<f64>) {
        let Range { low, high, .. } = self.limits(&self.payback[option], base.unwrap_or(f64::INFINITY));
        let within = |months: f64| months.is_finite().then_some(months);
        (within(low), within(high))
    }

    /// The share of draws in which an option's present value is positive.
    pub fn chance_positive(&self, option: usize) -> f64 {
        let list = &self.npv[option];
        list.iter().filter(|npv| **npv > 0.0).count() as f64 / list.len() as f64
    }

    fn limits(&self, sorted: &[f64], base: f64) -> Range {
        // The nearest draw, not a mean of two: one of two may be infinite.
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        Range { low: at(self.tail).min(base), base, high: at(1.0 - self.tail).max(base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangular_quantiles_are_those_of_the_formula() {
        let amount = Range { low: 10.0, base: 20.0, high: 40.0 };
        // F(20) = (20 - 10) / (40 - 10) = 1/3; F(15) = 25 / (30 * 10) = 1/12; F(30) = 1 - 100 / (30 * 20) = 5/6.
        for (uniform, value) in [(0.0, 10.0), (1.0 / 12.0, 15.0), (1.0 / 3.0, 20.0), (5.0 / 6.0, 30.0), (1.0, 40.0)] {
            assert!((triangular(&amount, uniform) - value).abs() < 1e-9, "{uniform}");
        }
        assert_eq!(triangular(&Range { low: 7.0, base: 7.0, high: 7.0 }, 0.3), 7.0);
    }

    #[test]
    fn one_step_is_the_limit_of_the_interval() {
        let quantity = Quantity { name: String::new(), amount: Range { low: 0.4, base: 0.7, high: 0.8 }, known: Known::Measured };
        assert!((measured(REDUCTION, &quantity, -1.0) - 0.4).abs() < 1e-12);
        assert!((measured(REDUCTION, &quantity, 1.0) - 0.8).abs() < 1e-12);
        // Half a step towards 0.8: 1 - 0.3 * (0.2 / 0.3)^0.5.
        assert!((measured(REDUCTION, &quantity, 0.5) - (1.0 - 0.06_f64.sqrt())).abs() < 1e-12);
        assert!(measured(0, &quantity, -3.0) > 0.0);
        let none_left = Quantity { amount: Range { low: 0.9, base: 1.0, high: 1.0 }, ..quantity };
        assert!((measured(REDUCTION, &none_left, -1.0) - 0.9).abs() < 1e-12);
        assert_eq!(measured(REDUCTION, &none_left, 2.0), 1.0);
    }
}
