//! Sentences in every language, side by side.

/// Declares a table of sentences: `Name { sentence(arguments) { en: "...", fr: "..." } }`.
///
/// Each becomes a method that gives the sentence in the report's language. A sentence without one of the languages does not compile.
macro_rules! phrases {
    ($vis:vis $table:ident { $($name:ident($($arg:ident),* $(,)?) { en: $en:literal, fr: $fr:literal $(,)? })+ }) => {
        #[derive(Clone, Copy)]
        $vis struct $table(pub(in crate::report) $crate::spec::Language);

        #[allow(clippy::useless_format)]
        impl $table {
            $($vis fn $name(self $(, $arg: impl std::fmt::Display)*) -> String {
                match self.0 {
                    $crate::spec::Language::En => format!($en),
                    $crate::spec::Language::Fr => $crate::text::french(format!($fr)),
                }
            })+
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::spec::Language;

    phrases! { Say {
        greeting(name) { en: "Hello, {name}!", fr: "Bonjour {name} !" }
        plain() { en: "Cost", fr: "Coût" }
    } }

    #[test]
    fn each_language_has_its_own() {
        assert_eq!(Say(Language::En).greeting("you"), "Hello, you!");
        assert_eq!(Say(Language::Fr).greeting("vous"), "Bonjour vous\u{202f}!");
        assert_eq!([Say(Language::En).plain(), Say(Language::Fr).plain()], ["Cost", "Coût"]);
    }
}
