//! Drawings become SVG and PNG through plotters, with our own font and the same bytes each time.

use std::sync::Once;

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    compact::compact,
    drawing::{Drawing, Ink, Mark, Side},
};
use crate::error::{Error, Result};

/// Device pixels per logical pixel while drawing: places are whole device pixels.
const FINE: u32 = 4;

/// The bitmap is drawn at [`FINE`] and averaged down to this many pixels per logical pixel.
const PNG: u32 = 2;

/// By how much of its size plotters' bitmap backend sets a centred text higher than its SVG backend.
const BASELINE: f64 = 0.17;

/// plotters takes the height of a line of text for a font's size; this is what its SVG backend divides by.
const LINE_HEIGHT: f64 = 1.24;

fn with_fonts() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        let _ = plotters::style::register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular());
        let _ = plotters::style::register_font("sans-serif", FontStyle::Bold, dejavu::sans::bold());
    });
}

fn colour(ink: Ink, alpha: f64) -> RGBAColor {
    let (r, g, b) = ink.rgb();
    RGBColor(r, g, b).mix(alpha)
}

fn fine((x, y): (f64, f64)) -> (i32, i32) {
    ((x * f64::from(FINE)).round() as i32, (y * f64::from(FINE)).round() as i32)
}

fn size(drawing: &Drawing, scale: u32) -> (u32, u32) {
    ((drawing.width * f64::from(scale)).ceil() as u32, (drawing.height * f64::from(scale)).ceil() as u32)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("cannot draw a chart: {error}"))
}

/// The elements of an SVG picture, without its `svg` element.
pub(super) fn svg_body(drawing: &Drawing) -> Result<String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size(drawing, FINE)).into_drawing_area();
        draw(drawing, &root, 0.0)?;
        root.present().map_err(failed)?;
    }
    let begin = text.find("<svg").and_then(|at| text[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let end = text.rfind("</svg>").unwrap_or(text.len());
    // plotters puts each text on a line of its own; the white space would be drawn by some viewers.
    Ok(compact(&text[begin..end].replace(" opacity=\"1\"", "")))
}

/// The size of the coordinates of [`svg_body`].
pub(super) fn svg_box(drawing: &Drawing) -> (u32, u32) {
    size(drawing, FINE)
}

/// A PNG picture at twice the logical size.
pub(super) fn png(drawing: &Drawing) -> Result<Vec<u8>> {
    let (width, height) = size(drawing, FINE);
    let mut pixels = vec![0_u8; width as usize * height as usize * 3];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw(drawing, &root, BASELINE)?;
        root.present().map_err(failed)?;
    }
    let (pixels, width, height) = averaged(&pixels, width as usize, height as usize, (FINE / PNG) as usize);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// The mean of each `by` x `by` square of pixels.
fn averaged(pixels: &[u8], width: usize, height: usize, by: usize) -> (Vec<u8>, usize, usize) {
    let (across, down) = (width / by, height / by);
    let mut smaller = Vec::with_capacity(across * down * 3);
    for y in 0..down {
        for x in 0..across {
            for channel in 0..3 {
                let sum: usize =
                    (0..by * by).map(|i| usize::from(pixels[((y * by + i / by) * width + x * by + i % by) * 3 + channel])).sum();
                smaller.push(((sum + by * by / 2) / (by * by)) as u8);
            }
        }
    }
    (smaller, across, down)
}

fn draw<DB: DrawingBackend>(drawing: &Drawing, area: &DrawingArea<DB, Shift>, lower: f64) -> Result<()> {
    with_fonts();
    area.fill(&colour(Ink::Paper, 1.0)).map_err(failed)?;
    for mark in &drawing.marks {
        match mark {
            Mark::Line { points, ink, width } => {
                let style = colour(*ink, 1.0).stroke_width((width * f64::from(FINE)).round().max(1.0) as u32);
                area.draw(&PathElement::new(points.iter().copied().map(fine).collect::<Vec<_>>(), style)).map_err(failed)?;
            }
            Mark::Area { points, ink, alpha } => {
                let points = points.iter().copied().map(fine).collect::<Vec<_>>();
                area.draw(&Polygon::new(points, colour(*ink, *alpha).filled())).map_err(failed)?;
            }
            Mark::Block { from, to, ink, alpha } => {
                area.draw(&Rectangle::new([fine(*from), fine(*to)], colour(*ink, *alpha).filled())).map_err(failed)?;
            }
            Mark::Dot { at, radius, ink } => {
                let radius = (radius * f64::from(FINE)).round() as i32;
                area.draw(&Circle::new(fine(*at), radius, colour(*ink, 1.0).filled())).map_err(failed)?;
            }
            Mark::Text { at, text, ink, size, bold, side } => {
                let style = if *bold { FontStyle::Bold } else { FontStyle::Normal };
                let font = FontDesc::new(FontFamily::SansSerif, size * f64::from(FINE) * LINE_HEIGHT, style);
                let h = match side {
                    Side::Start => HPos::Left,
                    Side::Middle => HPos::Center,
                    Side::End => HPos::Right,
                };
                let colour = colour(*ink, 1.0);
                let style = TextStyle::from(font).color(&colour).pos(Pos::new(h, VPos::Center));
                area.draw(&Text::new(text.as_str(), fine((at.0, at.1 + lower * size)), style)).map_err(failed)?;
            }
        }
    }
    Ok(())
}
