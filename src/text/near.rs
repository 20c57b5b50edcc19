//! What a mistyped name was probably meant to be.

/// How alike two names must be (Jaro and Winkler's measure, 0 to 1) where neither is part of the other.
const ALIKE: f64 = 0.85;

/// The known names that look like `name`, the most similar first, at most three.
///
/// Alike is a name of few other letters (Damerau and Levenshtein's distance within a third of its length), of a Jaro-Winkler similarity of
/// at least 0.85, or one that holds the other. Capitals do not count.
pub fn similar<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 4);
    let likeness = |candidate: &str| {
        let lower = candidate.to_lowercase();
        if lower == wanted {
            return Some(2.0);
        }
        let score = strsim::jaro_winkler(&wanted, &lower);
        let related = wanted.len() >= 3 && !lower.is_empty() && (lower.contains(&wanted) || wanted.contains(&lower));
        // Of few letters any two are few apart: then at least the first must be the same.
        let same_start = wanted.chars().next() == lower.chars().next();
        let close =
            (wanted.chars().count() >= 5 || same_start && wanted.len() >= 3) && strsim::damerau_levenshtein(&wanted, &lower) <= limit;
        (score >= ALIKE || related || close).then(|| if related { score.max(ALIKE) } else { score })
    };
    let mut near: Vec<(f64, &str)> = known.into_iter().filter_map(|candidate| Some((likeness(candidate)?, candidate))).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// The most similar of the known names, where one is similar at all.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    similar(name, known).first().copied()
}

/// ``did you mean `kmeans`?``, where something is similar.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|candidate| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_what_was_meant() {
        assert_eq!(nearest("kmeens", ["ecod", "kmeans"]), Some("kmeans"));
        assert_eq!(nearest("isolation_forest", ["isolation-forest"]), Some("isolation-forest"));
        assert_eq!(nearest("xyz", ["ecod", "kmeans"]), None);
        assert_eq!(nearest("POST", ["host"]), None);
        assert_eq!(nearest("USER", ["user", "users"]), Some("user"));
        assert_eq!(similar("bytes", ["host", "bytes_up", "bytes_down"]), ["bytes_up", "bytes_down"]);
        assert_eq!(similar("", ["a", ""]), [""]);
    }
}
