//! Chart E: on which shift the pick's false alerts fall.

use super::{
    Chart,
    drawing::{Drawing, Ink, Side},
};
use crate::report::view::View;

phrases! { Say {
    title(share) { en: "{share} of the false alerts fall outside Monday to Friday, 8 to 18 h", fr: "{share} des fausses alertes tombent hors du lundi au vendredi, 8 à 18 h" }
    title_unlabelled(share) { en: "{share} of the alerts fall outside Monday to Friday, 8 to 18 h", fr: "{share} des alertes tombent hors du lundi au vendredi, 8 à 18 h" }
    hour() { en: "Hour of the day at which the alert’s period begins", fr: "Heure de début de la période de l’alerte" }
} }

const CELL: (f64, f64) = (28.0, 24.0);
const LEFT: f64 = 56.0;
const TOP: f64 = 8.0;

/// Weekday by hour; the number of alerts is in each cell.
pub(super) fn chart(view: &View<'_>) -> Option<Chart> {
    let say = Say(view.language);
    // Periods of a day or more all begin at the same hour.
    let hourly = view.resolved.experiment.entity.as_ref().is_some_and(|entity| entity.every.seconds() < 86_400.0);
    let mut counts = [[0_u64; 24]; 7];
    let mut all = 0_u64;
    for alert in view.false_alerts() {
        if let Some((day, hour)) = view.dates.weekday_hour(alert.start) {
            counts[day][hour] += 1;
            all += 1;
        }
    }
    if !hourly || view.window().is_none() || all == 0 {
        return None;
    }
    let most = counts.iter().flatten().copied().max().unwrap_or(1).max(1);
    let mut drawing = Drawing::new(LEFT + 24.0 * CELL.0 + 8.0, TOP + 7.0 * CELL.1 + 50.0);
    let mut described = Vec::new();
    for (day, name) in view.dates.weekdays().into_iter().enumerate() {
        let y = TOP + day as f64 * CELL.1;
        drawing.text((LEFT - 10.0, y + CELL.1 / 2.0), name, Side::End, Ink::Soft, 12.0);
        described.push(format!("{name} {}", view.numbers.integer(counts[day].iter().sum())));
        for (hour, &count) in counts[day].iter().enumerate() {
            let x = LEFT + hour as f64 * CELL.0;
            let (from, to) = ((x + 1.0, y + 1.0), (x + CELL.0 - 1.0, y + CELL.1 - 1.0));
            if count == 0 {
                drawing.block(from, to, Ink::Grid, 0.35);
                continue;
            }
            let strength = count as f64 / most as f64;
            drawing.block(from, to, Ink::Accent, 0.14 + 0.36 * strength);
            drawing.text((x + CELL.0 / 2.0, y + CELL.1 / 2.0), view.numbers.integer(count), Side::Middle, Ink::Strong, 11.5);
        }
    }
    let bottom = TOP + 7.0 * CELL.1;
    for hour in (0..24).step_by(2) {
        drawing.text((LEFT + (f64::from(hour) + 0.5) * CELL.0, bottom + 14.0), hour.to_string(), Side::Middle, Ink::Soft, 11.5);
    }
    drawing.text((LEFT + 12.0 * CELL.0, bottom + 36.0), say.hour(), Side::Middle, Ink::Soft, 12.0);
    let inside: u64 = counts[..5].iter().flat_map(|hours| &hours[8..18]).sum();
    let share = view.numbers.percent((all - inside) as f64 / all as f64);
    let title = if view.has_labels() { say.title(share) } else { say.title_unlabelled(share) };
    Some(Chart { name: "week", title, description: described.join("; "), drawing })
}
