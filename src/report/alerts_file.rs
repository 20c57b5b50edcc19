//! The pick's alerts for spreadsheets and scripts.

use std::fmt::Write as _;

use super::view::View;
use crate::{
    text::{csv_cell, csv_number},
    units::Disposition,
};

const HEAD: &str = "rank,entity,start,units,score,disposition,incidents,in_baseline,driver_1,value_1,usual_1,driver_2,value_2,usual_2,driver_3,value_3,usual_3";

/// One line an alert; names and words do not depend on the language.
pub(super) fn csv(view: &View<'_>) -> String {
    let mut text = String::from(HEAD);
    text.push_str("\r\n");
    for alert in &view.alerts {
        let disposition = match alert.disposition {
            Some(Disposition::TruePositive) => "true_positive",
            Some(Disposition::BenignTruePositive) => "benign_true_positive",
            Some(Disposition::FalsePositive) => "false_positive",
            None => "",
        };
        let start = if view.window().is_some() { view.dates.machine(alert.start) } else { String::new() };
        let _ = write!(
            text,
            "{},{},{start},{},{},{disposition},{},{}",
            alert.rank,
            csv_cell(&alert.entity),
            alert.units,
            csv_number(alert.score),
            csv_cell(&alert.incidents.join(" ")),
            alert.in_baseline
        );
        for index in 0..3 {
            match alert.drivers.get(index) {
                Some(driver) => {
                    let _ = write!(text, ",{},{},{}", csv_cell(&driver.field), csv_number(driver.value), csv_number(driver.usual));
                }
                None => text.push_str(",,,"),
            }
        }
        text.push_str("\r\n");
    }
    text
}
