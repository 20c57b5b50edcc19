//! Published numbers that stand in for what an experiment does not give. Each names its source; the report lists those that were used.
//!
//! They come from surveys that vendors paid for, in dollars, and are taken as they are in the experiment's currency: one's own numbers are
//! always better.

use super::Range;
use crate::text::Said;

/// A published number.
pub(super) struct Default {
    /// The number.
    pub value: Range,
    /// Where it comes from, in English and in French.
    pub source: [&'static str; 2],
}

impl Default {
    /// Where it comes from, in every language.
    pub fn source(&self) -> Said {
        Said::of(self.source[0].into(), self.source[1].into())
    }
}

/// Minutes on a false alert.
pub(super) const FALSE_ALERT: Default = Default {
    value: Range { low: 10.0, base: 20.0, high: 30.0 },
    source: [
        "at least 10 minutes for 78 % of respondents (Critical Start 2019); 20 at level 1 (D3 2026); 30 per false positive (IDC)",
        "au moins 10 minutes pour 78 % des répondants (Critical Start 2019) ; 20 au niveau 1 (D3 2026) ; 30 par faux positif (IDC)",
    ],
};

/// Minutes on an alert that is right but legitimate.
pub(super) const BENIGN_ALERT: Default = Default {
    value: FALSE_ALERT.value,
    source: [
        "as a false alert: at least 10 minutes (Critical Start 2019); 20 at level 1 (D3 2026); 30 per false positive (IDC)",
        "comme une fausse alerte : au moins 10 minutes (Critical Start 2019) ; 20 au niveau 1 (D3 2026) ; 30 par faux positif (IDC)",
    ],
};

/// Minutes on an attack.
pub(super) const TRUE_ALERT: Default = Default {
    value: Range { low: 20.0, base: 40.0, high: 60.0 },
    source: [
        "20 minutes at level 1, 40 at level 2, 60 where both see it (D3 2026)",
        "20 minutes au niveau 1, 40 au niveau 2, 60 quand les deux la voient (D3 2026)",
    ],
};

/// An hour of an analyst.
pub(super) const ANALYST_HOUR: Default = Default {
    value: Range { low: 47.95, base: 49.0, high: 62.0 },
    source: [
        "USD: median wage 47.95 an hour (US Bureau of Labor Statistics, May 2019); 49 (VMRay calculator); 62 implied by 1.27 M a year for 395 hours a week (Ponemon 2015)",
        "USD : salaire horaire médian 47,95 (US Bureau of Labor Statistics, mai 2019) ; 49 (calculateur VMRay) ; 62 d’après 1,27 M par an pour 395 heures par semaine (Ponemon 2015)",
    ],
};

/// A gigabyte taken in by a SIEM.
pub(super) const PER_GB: Default = Default {
    value: Range { low: 2.46, base: 2.46, high: 2.46 },
    source: [
        "USD: Microsoft Sentinel analytics logs, pay as you go, as quoted by advisers",
        "USD : journaux d’analyse Microsoft Sentinel, paiement à l’usage, tarif cité par des conseils",
    ],
};

/// An hour of one CPU with its memory: 0.04048 + 0.004445 x 2, 4 and 8 gigabytes, which is what may be rented with one.
pub(super) const CPU_HOUR: Default = Default {
    value: Range { low: 0.04937, base: 0.05826, high: 0.07604 },
    source: [
        "USD: 0.04048 a vCPU hour and 0.004445 a gigabyte hour of memory, 2 to 8 gigabytes with each; AWS Fargate, Linux on x86, US East (aws.amazon.com/fargate/pricing, 2026)",
        "USD : 0,04048 l’heure de vCPU et 0,004445 l’heure de gigaoctet de mémoire, 2 à 8 gigaoctets pour chacun ; AWS Fargate, Linux sur x86, US East (aws.amazon.com/fargate/pricing, 2026)",
    ],
};

/// Gigabytes of memory that the price of an hour holds at most.
pub(crate) const CPU_HOUR_MEMORY: f64 = 8.0;

/// The value of [`CPU_HOUR`].
pub(super) fn cpu_hour() -> Range {
    CPU_HOUR.value
}
