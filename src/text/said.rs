//! Sentences that a stage says of its result, in every language of reports, made where their numbers are known.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Numbers;
use crate::spec::Language;

/// A sentence in every language: made by `said!`, which does not compile without one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// In English.
    pub en: String,
    /// In French.
    pub fr: String,
}

impl Said {
    /// The same in every language: a name, a number, a quotation.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { fr: en.clone(), en }
    }

    /// Each language in its own words, with its typography. `said!` is the way to call it.
    pub fn of(en: String, fr: String) -> Self {
        Self { en, fr: french(fr) }
    }

    /// The sentence in a language.
    pub fn told(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }

    /// It with a capital and a full stop.
    pub fn sentence(&self) -> Self {
        Self { en: sentence(&self.en), fr: sentence(&self.fr) }
    }

    /// The sentences one after the other, with something between.
    pub fn join(parts: &[Self], between: &str) -> Self {
        let of = |language| parts.iter().map(|part| part.told(language)).collect::<Vec<_>>().join(between);
        Self { en: of(Language::En), fr: of(Language::Fr) }
    }
}

/// A text with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut whole: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    if !whole.is_empty() && !whole.ends_with(['.', '!', '?', ':']) {
        whole.push('.');
    }
    whole
}

/// What can stand in a sentence: it is written as the language writes it.
pub trait Tell {
    /// The value in a language.
    fn tell(&self, language: Language) -> Cow<'_, str>;
}

impl<T: Tell + ?Sized> Tell for &T {
    fn tell(&self, language: Language) -> Cow<'_, str> {
        (**self).tell(language)
    }
}

impl Tell for str {
    fn tell(&self, _: Language) -> Cow<'_, str> {
        self.into()
    }
}

impl Tell for String {
    fn tell(&self, _: Language) -> Cow<'_, str> {
        self.into()
    }
}

impl Tell for Cow<'_, str> {
    fn tell(&self, _: Language) -> Cow<'_, str> {
        (&**self).into()
    }
}

impl Tell for Said {
    fn tell(&self, language: Language) -> Cow<'_, str> {
        self.told(language).into()
    }
}

macro_rules! tell_integers {
    ($($kind:ty),*) => { $(impl Tell for $kind {
        fn tell(&self, language: Language) -> Cow<'_, str> {
            Numbers::new(language).integer(*self as u64).into()
        }
    })* };
}

tell_integers!(u8, u32, u64, usize);

/// A value whose writing the caller chooses: `Shown(|numbers| numbers.percent(share))`.
pub struct Shown<F>(pub F);

impl<F: Fn(Numbers) -> String> Tell for Shown<F> {
    fn tell(&self, language: Language) -> Cow<'_, str> {
        (self.0)(Numbers::new(language)).into()
    }
}

/// Makes a [`Said`]: `said!(en: "{n} days", fr: "{n} jours", n = days)`. A sentence without one of the languages does not compile.
#[macro_export]
macro_rules! said {
    (en: $en:literal, fr: $fr:literal $(, $name:ident = $value:expr)* $(,)?) => {
        match ($(&$value,)*) {
            #[allow(unused_variables, clippy::useless_format)]
            ($($name,)*) => $crate::text::Said::of(
                { $(let $name = $crate::text::Tell::tell($name, $crate::spec::Language::En);)* format!($en) },
                { $(let $name = $crate::text::Tell::tell($name, $crate::spec::Language::Fr);)* format!($fr) },
            ),
        }
    };
}

/// French puts spaces before its double punctuation and inside its quotation marks; they must not break.
pub fn french(text: String) -> String {
    text.replace(" :", "\u{a0}:")
        .replace(" ;", "\u{202f};")
        .replace(" ?", "\u{202f}?")
        .replace(" !", "\u{202f}!")
        .replace(" %", "\u{202f}%")
        .replace("« ", "«\u{a0}")
        .replace(" »", "\u{a0}»")
}

/// Tests read the English; code that did would not compile outside of them.
#[cfg(test)]
mod english {
    use super::Said;

    impl std::ops::Deref for Said {
        type Target = str;

        fn deref(&self) -> &str {
            &self.en
        }
    }

    impl std::fmt::Display for Said {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.en)
        }
    }

    impl PartialEq<str> for Said {
        fn eq(&self, other: &str) -> bool {
            self.en == other
        }
    }

    impl PartialEq<&str> for Said {
        fn eq(&self, other: &&str) -> bool {
            self.en == *other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_words_and_its_numbers() {
        let said = said!(en: "{n} rows, {share} of `{name}`: why?", fr: "{n} lignes, {share} de `{name}` : pourquoi ?", n = 12_345_u64, name = "a b", share = Shown(|numbers: Numbers| numbers.decimal(0.5, 1)));
        assert_eq!(said.en, "12\u{202f}345 rows, 0.5 of `a b`: why?");
        assert_eq!(said.fr, "12\u{202f}345 lignes, 0,5 de `a b`\u{a0}: pourquoi\u{202f}?");
        let nested = said!(en: "({inner})", fr: "[{inner}]", inner = said);
        assert_eq!(nested.told(Language::Fr), format!("[{}]", said.fr));
        assert_eq!(Said::join(&[Said::same("a"), said!(en: "b", fr: "c")], ", "), Said { en: "a, b".into(), fr: "a, c".into() });
    }
}
