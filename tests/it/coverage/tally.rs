//! Counts of intervals that hold the truth, their widths, and what is asked of both.

use gonogo::evaluate::Estimate;

/// How often intervals held the truth, and how wide they were.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub held: u32,
    pub missed_below: u32,
    pub missed_above: u32,
    pub none: u32,
    pub widths: Vec<f64>,
    /// Value less truth.
    pub errors: Vec<f64>,
}

impl Tally {
    pub fn add(&mut self, estimate: Option<&Estimate>, truth: f64) {
        match estimate.and_then(|e| Some((e.value, e.low?, e.high?))) {
            Some(limits) => self.hold(limits, truth),
            None => self.none += 1,
        }
    }

    /// The same of a value and its limits.
    pub fn hold(&mut self, (value, low, high): (f64, f64, f64), truth: f64) {
        self.widths.push(high - low);
        self.errors.push(value - truth);
        if truth < low {
            self.missed_below += 1;
        } else if truth > high {
            self.missed_above += 1;
        } else {
            self.held += 1;
        }
    }

    /// The same, the width as a share of the truth.
    pub fn add_share(&mut self, estimate: Option<&Estimate>, truth: f64) {
        let before = self.widths.len();
        self.add(estimate, truth);
        self.widths[before..].iter_mut().for_each(|width| *width /= truth);
        self.errors[before..].iter_mut().for_each(|error| *error /= truth);
    }

    /// Adds what another has counted.
    pub fn join(&mut self, other: &Self) {
        self.held += other.held;
        self.missed_below += other.missed_below;
        self.missed_above += other.missed_above;
        self.none += other.none;
        self.widths.extend(&other.widths);
        self.errors.extend(&other.errors);
    }

    pub fn n(&self) -> f64 {
        f64::from(self.held + self.missed_below + self.missed_above)
    }

    pub fn percent(&self) -> f64 {
        100.0 * f64::from(self.held) / self.n()
    }

    /// The median width.
    pub fn width(&self) -> f64 {
        quantile(&self.widths, 0.5)
    }

    /// The range in which nine of ten values lie around the truth: what an interval of one constant width would have to be, by one who knows it.
    pub fn spread(&self) -> f64 {
        quantile(&self.errors, 0.95) - quantile(&self.errors, 0.05)
    }
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN)
}

/// Asserts that a coverage is at least 87 %, less two Monte Carlo errors of this many windows.
pub fn assert_covers(what: &str, tally: &Tally, windows: u64) {
    let least = 87.0 - 200.0 * (0.87 * 0.13 / windows as f64).sqrt();
    assert!(
        tally.n() > 0.0 && tally.percent() >= least,
        "{what} covers {:.1} %, at least {least:.1} % is asked: {}",
        tally.percent(),
        summary(tally)
    );
}

pub fn summary(tally: &Tally) -> String {
    if tally.n() == 0.0 {
        return "–".to_owned();
    }
    let share = |n: u32| 100.0 * f64::from(n) / tally.n();
    let (below, above) = (share(tally.missed_below), share(tally.missed_above));
    format!("{:.0} (-{below:.0} +{above:.0}) / {:.2}", tally.percent(), tally.width())
}

/// What is asked of a width: at most a tenth more than the interval study has it, which prints so many decimals.
pub fn at_most(published: f64, decimals: i32) -> f64 {
    1.1 * (published + 0.5 * 10_f64.powi(-decimals))
}

/// Asserts that intervals are not wider than those of the interval study by more than a tenth.
pub fn assert_no_wider(what: &str, tally: &Tally, (published, decimals): (f64, i32)) {
    let most = at_most(published, decimals);
    assert!(tally.width() <= most, "{what} is {:.4} wide, at most {most:.4} is asked: {}", tally.width(), summary(tally));
}
