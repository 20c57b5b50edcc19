//! Integration tests: the program as its users meet it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adbench;
mod adbench2;
mod alert_networks;
mod arrows;
mod bad_input;
mod browser;
mod cache;
mod compare;
mod contract;
mod convert;
mod coverage;
mod coverage_sampled;
mod docs;
mod estimate;
mod example;
mod export;
mod first_look;
mod hostile;
mod interrupt;
mod kinds;
mod mishaps;
mod mixed;
mod old_runs;
mod privacy;
mod reference;
mod renderings;
mod review;
mod review_page;
mod run;
mod shared_data;
mod snapshots;
mod supply;
mod support;
mod suppress;
mod verdicts;
