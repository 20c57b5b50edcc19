//! A plain table with outliers of the four kinds of Han et al. (ADBench, NeurIPS 2022, section 3.2): local, global, dependency, cluster.

use std::fmt::Write as _;

use super::chance::Chance;

const COLUMNS: usize = 8;
const ROWS: usize = 3_000;
/// Outliers of each kind.
const EACH: usize = 40;

/// A normal distribution with linked columns.
struct Component {
    centre: [f64; COLUMNS],
    /// Each column is this mix of independent normals: lower triangular.
    links: [[f64; COLUMNS]; COLUMNS],
}

impl Component {
    fn new(chance: &mut Chance) -> Self {
        let centre = std::array::from_fn(|_| chance.between(-4.0, 4.0));
        let links = std::array::from_fn(|row| {
            std::array::from_fn(|column| match column.cmp(&row) {
                std::cmp::Ordering::Less => 0.55 * chance.normal(),
                std::cmp::Ordering::Equal => chance.between(0.35, 0.8),
                std::cmp::Ordering::Greater => 0.0,
            })
        });
        Self { centre, links }
    }

    /// A row around `stretch` times the centre, `spread` times as wide.
    fn draw(&self, stretch: f64, spread: f64, chance: &mut Chance) -> [f64; COLUMNS] {
        let noise: [f64; COLUMNS] = std::array::from_fn(|_| chance.normal());
        std::array::from_fn(|row| {
            let mixed: f64 = self.links[row].iter().zip(noise).map(|(link, value)| link * value).sum();
            self.centre[row] * stretch + mixed * spread
        })
    }
}

/// Writes the table: eight numbers, `label` (1 is an outlier), and `kind`.
pub(super) fn csv(seed: u64) -> String {
    let mut chance = Chance::of(seed, [0x7461_626c, 0, 0]);
    let components: Vec<Component> = (0..4).map(|_| Component::new(&mut chance)).collect();
    let mut rows: Vec<([f64; COLUMNS], &str)> = Vec::new();
    for _ in 0..ROWS - 4 * EACH {
        let component = &components[chance.below(4) as usize];
        rows.push((component.draw(1.0, 1.0, &mut chance), "normal"));
    }
    let normal = rows.len();
    let range = |column: usize| {
        let values = rows[..normal].iter().map(|(row, _)| row[column]);
        values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ranges: Vec<(f64, f64)> = (0..COLUMNS).map(range).collect();
    let far = components[chance.below(4) as usize].draw(2.6, 0.0, &mut chance);
    for _ in 0..EACH {
        // Local: the covariance of its component, five times as large.
        let component = &components[chance.below(4) as usize];
        rows.push((component.draw(1.0, 5.0_f64.sqrt(), &mut chance), "local"));
        // Global: anywhere in a box a tenth wider than the data.
        let anywhere = std::array::from_fn(|column| {
            let (low, high) = ranges[column];
            let margin = 0.05 * (high - low);
            chance.between(low - margin, high + margin)
        });
        rows.push((anywhere, "global"));
        // Dependency: every column as usual, but not with the others.
        let apart = std::array::from_fn(|column| rows[chance.below(normal as u64) as usize].0[column]);
        rows.push((apart, "dependency"));
        // Cluster: close together, far from the rest.
        let together = std::array::from_fn(|column| far[column] + 0.4 * chance.normal());
        rows.push((together, "cluster"));
    }
    // Fisher and Yates: the outliers do not stand at the end.
    for last in (1..rows.len()).rev() {
        rows.swap(last, chance.below(last as u64 + 1) as usize);
    }
    let mut text = String::new();
    for column in 1..=COLUMNS {
        let _ = write!(text, "x{column},");
    }
    text.push_str("label,kind\n");
    for (row, kind) in rows {
        for value in row {
            let _ = write!(text, "{value:.4},");
        }
        let _ = writeln!(text, "{},{kind}", u8::from(kind != "normal"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_as_many_rows_of_each_kind_as_promised() {
        let text = csv(42);
        let count = |kind: &str| text.lines().filter(|line| line.ends_with(kind)).count();
        assert_eq!(
            [count("1,local"), count("1,global"), count("1,dependency"), count("1,cluster"), count("0,normal")],
            [40, 40, 40, 40, 2_840]
        );
        assert!(text.lines().all(|line| line.split(',').count() == 10));
    }
}
