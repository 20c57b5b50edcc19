//! What a field adds to a score that is no sum over fields: by how much the score falls when the field takes its typical value.

use ndarray::Array2;

use super::{FitError, Model, frame::median};
use crate::{said, text::Said, units::FeatureMatrix};

/// Rows that are explained: the highest. Each field costs one more scoring of them.
pub const ROWS: usize = 2_000;

/// For the highest rows, by how much each field raises the score above what it would be with the field's median of the training part; for the others
/// zeros, and a note that says so.
///
/// # Errors
/// When `watch` stops it.
pub(super) fn contributions(
    model: &dyn Model,
    training: &FeatureMatrix,
    rows: &FeatureMatrix,
    scores: &[f64],
    notes: &mut Vec<Said>,
    watch: &dyn Fn(f64) -> Result<(), FitError>,
) -> Result<Array2<f64>, FitError> {
    let mut highest: Vec<usize> = (0..rows.nrows()).collect();
    highest.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    highest.truncate(ROWS);
    let some = rows.select_rows(&highest);
    let mut terms = Array2::zeros((rows.nrows(), rows.ncols()));
    for field in 0..rows.ncols() {
        watch(field as f64 / rows.ncols() as f64)?;
        let typical = median(training.column(field).to_vec());
        let mut values = some.values().to_owned();
        values.column_mut(field).fill(typical);
        let changed = FeatureMatrix::new(values, some.features().clone(), some.rows().clone())
            .map_err(|error| FitError::Numeric(error.to_string()))?;
        for (&row, score) in highest.iter().zip(model.score(&changed)) {
            terms[(row, field)] = scores[row] - score;
        }
    }
    notes.push(if highest.len() < rows.nrows() {
        said!(
            en: "explained by replacing fields in turn, the {some} highest of {all} rows",
            fr: "expliqué en remplaçant les champs tour à tour, les {some} plus hautes lignes sur {all}",
            some = highest.len(),
            all = rows.nrows(),
        )
    } else {
        said!(
            en: "explained by replacing fields in turn",
            fr: "expliqué en remplaçant les champs tour à tour",
        )
    });
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use serde_yaml::{Mapping, Value};

    use super::*;
    use crate::{
        detect::{
            DEFAULT, Job, METHODS,
            hard_cases::{matrix, uniform},
        },
        spec::Entry,
    };

    /// Rows of normal, independent features, the first `planted` of them far out in one: the feature of their number.
    fn rows(n: usize, planted: usize, seed: u64) -> FeatureMatrix {
        let noise = uniform(n, 72, seed);
        let normal = |i: usize, j: usize| (0..12).map(|k| noise[(i, 12 * j + k)]).sum::<f64>() - 6.0;
        matrix(Array2::from_shape_fn((n, 6), |(i, j)| normal(i, j) + if i < planted && j == i % 6 { 8.0 } else { 0.0 }))
    }

    fn strongest(terms: &Array2<f64>, row: usize) -> usize {
        terms.row(row).iter().enumerate().fold(0, |best, (field, term)| if *term > terms[(row, best)] { field } else { best })
    }

    #[test]
    fn what_a_method_tells_itself_and_what_replacing_tells_name_the_planted_field() {
        let (train, judged) = (rows(600, 0, 1), rows(120, 60, 2));
        for method in METHODS.iter().chain([&DEFAULT]) {
            let model = method.build(Value::Mapping(Mapping::new())).unwrap().fit(&train, &Job::unwatched(7)).unwrap();
            let scores = model.score(&judged);
            let mut notes = Vec::new();
            let replaced = contributions(model.as_ref(), &train, &judged, &scores, &mut notes, &|_| Ok(())).unwrap();
            assert_eq!(notes.len(), 1);
            let own = model.contributions(&judged);
            for (who, terms) in own.iter().map(|own| ("itself", own)).chain([("replacing", &replaced)]) {
                let right = (0..60).filter(|&row| strongest(terms, row) == row % 6).count();
                assert!(right >= 57, "{}: {who} names the planted field in {right} of 60 rows", method.id);
            }
        }
    }

    #[test]
    fn a_field_at_its_typical_value_adds_nothing() {
        let train = matrix(ndarray::array![[0.0, 1.0], [1.0, 5.0], [2.0, 9.0]]);
        let judged = matrix(ndarray::array![[9.0, 5.0], [1.0, 5.0]]);
        let model = METHODS.iter().find(|m| m.id == "kmeans").unwrap().build(Value::Mapping(Mapping::new())).unwrap();
        let model = model.fit(&train, &Job::unwatched(1)).unwrap();
        let scores = model.score(&judged);
        let terms = contributions(model.as_ref(), &train, &judged, &scores, &mut Vec::new(), &|_| Ok(())).unwrap();
        assert_eq!((terms[(0, 1)], terms[(1, 0)], terms[(1, 1)]), (0.0, 0.0, 0.0));
        assert_eq!(terms[(0, 0)], scores[0] - scores[1]);
    }

    #[test]
    fn the_highest_rows_are_explained_and_the_note_says_so() {
        struct Sum;
        impl Model for Sum {
            fn score(&self, rows: &FeatureMatrix) -> Vec<f64> {
                rows.values().rows().into_iter().map(|row| row.sum()).collect()
            }
        }
        let judged = matrix(uniform(ROWS + 500, 3, 4));
        let (scores, mut notes) = (Sum.score(&judged), Vec::new());
        let terms = contributions(&Sum, &judged, &judged, &scores, &mut notes, &|_| Ok(())).unwrap();
        let told: Vec<usize> = (0..scores.len()).filter(|&row| terms.row(row).iter().any(|term| *term != 0.0)).collect();
        assert_eq!(told.len(), ROWS);
        let least = told.iter().map(|&row| scores[row]).fold(f64::MAX, f64::min);
        assert_eq!(scores.iter().filter(|score| **score >= least).count(), ROWS);
        assert!(notes[0].en.contains("highest of"), "{}", notes[0].en);
        let middle = median(judged.column(1).to_vec());
        assert!(told.iter().all(|&row| (terms[(row, 1)] - (judged.values()[(row, 1)] - middle)).abs() < 1e-12));
        let stopped = contributions(&Sum, &judged, &judged, &scores, &mut notes, &|_| Err(FitError::Interrupted));
        assert!(matches!(stopped, Err(FitError::Interrupted)));
    }

    #[test]
    fn behind_a_step_that_cannot_be_traced_back_fields_are_replaced() {
        let entries: Vec<Entry> = serde_yaml::from_str(
            "[{ id: behind, method: knn, reduce: { method: diffusion-map, components: 3 } }, { id: plain, method: knn }]",
        )
        .unwrap();
        let contenders = crate::detect::contenders(&entries, None).unwrap();
        let options = crate::detect::RunOptions { seed: 7, repeats: 1, jobs: 2, in_sample: false, explain: true };
        let table = crate::detect::run_all(&contenders, &rows(300, 0, 1), &rows(60, 30, 2), &options, &crate::observe::Silent).unwrap();
        for (column, noted) in table.columns.iter().zip([true, false]) {
            let crate::detect::Outcome::Scored(scored) = &column.outcome else { panic!("{column:?}") };
            let terms = scored.contributions.as_ref().unwrap();
            let right = (0..30).filter(|&row| strongest(terms, row) == row % 6).count();
            assert!(right >= 24, "{}: {right} of 30", column.id);
            assert_eq!(scored.notes.iter().any(|note| note.en.contains("replacing fields in turn")), noted, "{}", column.id);
        }
    }
}
