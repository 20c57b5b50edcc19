//! Charts: titles that state the result, descriptions that give the numbers, drawn by plotters.

use maud::{PreEscaped, html};

use self::drawing::Drawing;
use super::view::View;
use crate::error::Result;

mod agreement;
mod compact;
mod dots;
pub(super) mod drawing;
mod heat;
mod histogram;
mod map;
mod money;
mod paint;
mod pen;
mod planted;
mod precision;
mod seeds;
mod study;
mod trade_off;

/// A chart as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its file name without extension.
    pub name: String,
    /// A sentence that states the result.
    pub title: String,
    /// The picture as SVG, on white ground.
    pub svg: String,
    /// The picture as PNG, at twice the size.
    pub png: Vec<u8>,
}

/// A chart before it is drawn.
pub(super) struct Chart {
    /// Its file name and its address in the page.
    pub name: &'static str,
    /// A sentence that states the result.
    pub title: String,
    /// The numbers, for whoever does not see the picture.
    pub description: String,
    /// What is drawn.
    pub drawing: Drawing,
}

/// What makes a chart of a run; `None` where the run has nothing for it.
pub(super) type Maker = fn(&View<'_>) -> Option<Chart>;

/// False alerts a week, by detector.
pub(super) const FALSE_ALERTS: Maker = dots::chart;
/// Net position over the months.
pub(super) const MONEY: Maker = money::chart;
/// Alerts against incidents caught.
pub(super) const TRADE_OFF: Maker = trade_off::chart;
/// When the pick's false alerts fall.
pub(super) const WEEK: Maker = heat::chart;
/// How the pick's scores are distributed.
pub(super) const SCORES: Maker = histogram::chart;
/// Which contenders raise the same alerts.
pub(super) const AGREEMENT: Maker = agreement::chart;

/// Where the units lie on the two main components.
pub(super) const MAP: Maker = map::chart;
/// Iteration by iteration: false alerts a week, and incidents caught.
pub(super) const HISTORY: Maker = super::since::chart;

/// How many planted attacks are caught, by strength.
pub(super) const PLANTED: Maker = planted::chart;

/// What is caught, by training days.
pub(super) const LEARNING_CURVE: Maker = study::learning_curve;
/// Alerts a day, by the days since the fit.
pub(super) const AGEING: Maker = study::ageing;
/// What is caught with and without the mass of users.
pub(super) const PEERS_ABLATION: Maker = study::peers_ablation;
/// What is caught with other parameters.
pub(super) const SENSITIVITY: Maker = study::sensitivity;
/// Which alerts stay the same with other luck.
pub(super) const STABILITY: Maker = study::stability;

/// How many of the pick's alerts are true, by incidents caught.
pub(super) const PRECISION: Maker = precision::chart;
/// How far contenders hang on their seeds.
pub(super) const SEEDS: Maker = seeds::chart;

/// Every chart, in the order of the page.
const MAKERS: [Maker; 16] = [
    FALSE_ALERTS,
    TRADE_OFF,
    MONEY,
    WEEK,
    SCORES,
    PRECISION,
    AGREEMENT,
    SEEDS,
    MAP,
    HISTORY,
    PLANTED,
    LEARNING_CURVE,
    AGEING,
    PEERS_ABLATION,
    SENSITIVITY,
    STABILITY,
];

/// A drawing as a PNG picture, at twice its size.
pub(super) fn png(drawing: &Drawing) -> Result<Vec<u8>> {
    paint::png(drawing)
}

/// Every chart of a run, as files.
pub(super) fn all(view: &View<'_>) -> Result<Vec<Figure>> {
    MAKERS.iter().filter_map(|make| make(view)).map(|chart| chart.figure()).collect()
}

impl Chart {
    /// The chart as files.
    fn figure(&self) -> Result<Figure> {
        let framed = Self {
            name: self.name,
            title: self.title.clone(),
            description: self.description.clone(),
            drawing: self.drawing.framed(&self.title),
        };
        Ok(Figure { name: self.name.into(), title: self.title.clone(), svg: framed.svg()?, png: paint::png(&framed.drawing)? })
    }

    /// The chart as SVG without its title, which the page writes itself.
    pub(super) fn svg(&self) -> Result<String> {
        let (across, down) = paint::svg_box(&self.drawing);
        let body = paint::svg_body(&self.drawing)?;
        let (title, description) = (format!("{}-title", self.name), format!("{}-desc", self.name));
        Ok(html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(self.drawing.width) height=(self.drawing.height) viewBox=(format!("0 0 {across} {down}")) font-family="sans-serif"
                style=(format!("max-width:{}px", (self.drawing.width * 11.5).round() / 10.0)) role="img" aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                (PreEscaped(body))
            }
        }
        .into_string())
    }
}
