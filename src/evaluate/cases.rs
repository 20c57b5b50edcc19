//! Cases: what an analyst opens. Units are folded into them, and each contender ranks them once, ties broken at random from the seed.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::units::{Disposition, Part};

const DAY: i64 = 86_400_000_000;

/// What is known of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Nothing.
    Unknown,
    /// It is not an attack.
    False,
    /// It is right but legitimate.
    BenignTrue,
    /// It is an attack.
    True,
}

/// The cases of one part, with what the labels say of them.
#[derive(Debug)]
pub struct Cases<'a> {
    /// The part.
    pub part: &'a Part,
    /// How many cases.
    pub n: usize,
    /// What is known of each.
    pub truth: Vec<Truth>,
    /// The cases that hold units of each incident, ascending.
    pub cases_of_incident: Vec<Vec<u32>>,
    /// The budget period of each.
    pub period: Vec<u32>,
    /// The day of each: index into the days of the part.
    pub day: Vec<u32>,
    /// How many days the part has, empty ones included.
    pub days: usize,
    /// The cluster of each, renumbered so that every one below `clusters` has a case.
    pub cluster: Vec<u32>,
    /// How many clusters have a case.
    pub clusters: usize,
}

impl<'a> Cases<'a> {
    /// Folds units into cases. `nominal` is the length of a budget period in days.
    pub fn new(part: &'a Part, nominal: f64) -> Self {
        let n = part.cases.len();
        let mut truth = vec![Truth::Unknown; n];
        let mut incidents_of = vec![Vec::new(); n];
        let mut first = vec![i64::MAX; n];
        for (unit, &case) in part.case_of.iter().enumerate() {
            let case = case as usize;
            truth[case] = truth[case].max(unit_truth(part, unit));
            first[case] = first[case].min(part.starts.get(unit).copied().unwrap_or(0));
            if let Some(of) = part.labels.as_ref().and_then(|labels| labels.incidents_of.get(unit)) {
                incidents_of[case].extend_from_slice(of);
            }
        }
        let incidents = part.labels.as_ref().map_or(0, |labels| labels.incidents.len());
        let mut cases_of_incident = vec![Vec::new(); incidents];
        for (case, of) in incidents_of.iter_mut().enumerate() {
            of.retain(|&i| (i as usize) < incidents);
            of.sort_unstable();
            of.dedup();
            of.iter().for_each(|&i| cases_of_incident[i as usize].push(case as u32));
        }
        let period: Vec<u32> = part.cases.iter().map(|case| case.budget_period).collect();
        let (day, days) = days_of(part, &period, &first, nominal);
        let (cluster, clusters) = renumber(part);
        Self { part, n, truth, cases_of_incident, period, day, days, cluster, clusters }
    }

    /// How many incidents have a unit in this part.
    pub fn incidents(&self) -> usize {
        self.cases_of_incident.len()
    }

    /// The cluster of an incident: that of its first case.
    pub fn cluster_of_incident(&self, incident: usize) -> u32 {
        self.cases_of_incident[incident].first().map_or(0, |&case| self.cluster[case as usize])
    }

    /// Which incidents are caught when these cases are opened: an analyst who opens a case sees all of its units.
    pub fn caught(&self, raised: &[bool]) -> Vec<bool> {
        self.cases_of_incident.iter().map(|cases| cases.iter().any(|&case| raised[case as usize])).collect()
    }

    /// The cases of which some unit is flagged.
    pub fn with_flagged(&self, flagged: &[bool]) -> Vec<bool> {
        let mut raised = vec![false; self.n];
        for (&case, &flag) in self.part.case_of.iter().zip(flagged) {
            raised[case as usize] |= flag;
        }
        raised
    }
}

/// What is known of a unit.
pub fn unit_truth(part: &Part, unit: usize) -> Truth {
    let Some(labels) = &part.labels else { return Truth::Unknown };
    match labels.dispositions.get(unit).copied().flatten() {
        Some(Disposition::TruePositive) => Truth::True,
        Some(Disposition::BenignTruePositive) => Truth::BenignTrue,
        Some(Disposition::FalsePositive) => Truth::False,
        None if labels.complete => Truth::False,
        None => Truth::Unknown,
    }
}

/// When each unit's period ends: when the next one begins, else after as long as the shortest period between two units.
pub fn period_ends(part: &Part) -> Vec<i64> {
    let mut starts: Vec<(i64, i64)> = part.rows.iter().zip(&part.starts).map(|(row, &start)| (row.period, start)).collect();
    starts.sort_unstable();
    starts.dedup();
    let length =
        starts.windows(2).filter(|w| w[1].0 > w[0].0).map(|w| (w[1].1 - w[0].1) / (w[1].0 - w[0].0)).filter(|l| *l > 0).min().unwrap_or(0);
    part.rows
        .iter()
        .zip(&part.starts)
        .map(|(row, &start)| {
            let next = starts.partition_point(|&(period, _)| period <= row.period);
            match starts.get(next) {
                Some(&(period, begins)) if period == row.period + 1 => begins,
                _ => start + length,
            }
        })
        .collect()
}

/// The day of each case, and how many days there are: the budget periods where they are days, else days counted from the part's start.
fn days_of(part: &Part, period: &[u32], first: &[i64], nominal: f64) -> (Vec<u32>, usize) {
    let has_time = part.days() > 0.0;
    if !has_time {
        return (vec![0; period.len()], 1);
    }
    if (0.9..=1.5).contains(&nominal) {
        return (period.to_vec(), part.budget_periods.len());
    }
    let origin = part.budget_periods.first().map_or(0, |period| period.start);
    let days = (part.days().ceil() as usize).max(1);
    let day = |start: i64| ((start - origin).max(0) / DAY).min(days as i64 - 1) as u32;
    (first.iter().map(|&start| if start == i64::MAX { 0 } else { day(start) }).collect(), days)
}

fn renumber(part: &Part) -> (Vec<u32>, usize) {
    let mut used: Vec<u32> = part.cases.iter().map(|case| case.cluster).collect();
    used.sort_unstable();
    used.dedup();
    let number = part.cases.iter().map(|case| used.partition_point(|&c| c < case.cluster) as u32).collect();
    (number, used.len())
}

/// The cases of one part as one contender ranks them.
#[derive(Debug)]
pub struct Ranked {
    /// The score of each case: the highest of its units.
    pub score: Vec<f64>,
    /// The cases that can be raised, highest score first; ties in the order that the seed gave once and for all.
    pub order: Vec<u32>,
    /// The place of each case in `order`; [`NOWHERE`] where all of its units are suppressed.
    pub place: Vec<u32>,
}

/// The place of a case that nobody raises.
pub const NOWHERE: u32 = u32::MAX;

impl Ranked {
    /// Ranks cases by the scores of their units, those left out that are suppressed; `id` and `seed` break ties.
    pub fn new(cases: &Cases<'_>, unit_scores: &[f64], suppressed: Option<&[bool]>, id: &str, seed: u64) -> Self {
        let mut score = vec![f64::NEG_INFINITY; cases.n];
        for (unit, (&case, &value)) in cases.part.case_of.iter().zip(unit_scores).enumerate() {
            if !suppressed.is_some_and(|suppressed| suppressed[unit]) {
                let best = &mut score[case as usize];
                *best = best.max(value);
            }
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed ^ fingerprint(id));
        let tie: Vec<u64> = (0..cases.n).map(|_| rng.next_u64()).collect();
        let mut order: Vec<u32> = (0..cases.n as u32).filter(|&case| score[case as usize] > f64::NEG_INFINITY).collect();
        order.sort_unstable_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            score[b].total_cmp(&score[a]).then(tie[b].cmp(&tie[a])).then(a.cmp(&b))
        });
        let mut place = vec![NOWHERE; cases.n];
        order.iter().enumerate().for_each(|(at, &case)| place[case as usize] = at as u32);
        Self { score, order, place }
    }

    /// The k highest cases of each budget period.
    pub fn top(&self, cases: &Cases<'_>, k: u64) -> Vec<bool> {
        let periods = cases.period.iter().map(|&p| p as usize + 1).max().unwrap_or(0);
        let (mut taken, mut raised) = (vec![0_u64; periods], vec![false; cases.n]);
        for &case in &self.order {
            let taken = &mut taken[cases.period[case as usize] as usize];
            if *taken < k {
                *taken += 1;
                raised[case as usize] = true;
            }
        }
        raised
    }

    /// The first `n` of the order.
    pub fn first(&self, n: usize) -> Vec<bool> {
        self.place.iter().map(|&place| (place as usize) < n).collect()
    }

    /// The cases that reach a score.
    pub fn reaching(&self, cut: f64) -> Vec<bool> {
        self.score.iter().map(|&score| score >= cut).collect()
    }

    /// The lowest score that at most `n` cases reach; where the highest score alone is shared by more, that score.
    pub fn cut_for(&self, n: usize) -> Option<f64> {
        let highest = self.score[*self.order.first()? as usize];
        if n >= self.order.len() {
            return self.order.last().map(|&case| self.score[case as usize]);
        }
        let beyond = self.score[self.order[n] as usize];
        let reached = self.order[..n].iter().rev().map(|&case| self.score[case as usize]).find(|&score| score > beyond);
        Some(reached.unwrap_or(highest))
    }

    /// How many of the highest cases it takes to catch `n` incidents; `None` where no number does, or `n` is 0.
    pub fn alerts_to_catch(&self, cases: &Cases<'_>, n: usize) -> Option<usize> {
        if n == 0 {
            return None;
        }
        let places = self.incident_places(cases);
        let mut sorted: Vec<u32> = places.into_iter().flatten().collect();
        sorted.sort_unstable();
        sorted.get(n - 1).map(|&place| place as usize + 1)
    }

    /// For each incident, the place of its highest case.
    pub fn incident_places(&self, cases: &Cases<'_>) -> Vec<Option<u32>> {
        let place = |&case: &u32| Some(self.place[case as usize]).filter(|place| *place != NOWHERE);
        cases.cases_of_incident.iter().map(|of| of.iter().filter_map(place).min()).collect()
    }
}

/// FNV-1a of a name, so that each contender has its own tie-break and adding one does not change the others'.
pub fn fingerprint(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
