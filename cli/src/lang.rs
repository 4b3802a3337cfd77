//! Chinese or English: each text of the command stands in both, beside each other, where it is used.

use clap::ArgMatches;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    Zh,
}

impl Lang {
    /// As `--lang` says, wherever it stands (help must know before anything is parsed), else the environment.
    pub(crate) fn of_process() -> Self {
        let arguments: Vec<_> = std::env::args().collect();
        let stated = arguments.iter().enumerate().find_map(|(index, argument)| match argument.strip_prefix("--lang") {
            Some("") => arguments.get(index + 1).and_then(|value| Self::named(value)),
            Some(rest) => Self::named(rest.strip_prefix('=')?),
            None => None,
        });
        let environment = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        stated.unwrap_or_else(|| {
            if environment().is_some_and(|value| value.starts_with("zh")) { Lang::Zh } else { Lang::En }
        })
    }

    pub(crate) fn stated(matches: &ArgMatches) -> Option<Self> {
        Self::named(matches.get_one::<String>("lang")?)
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "en" => Some(Lang::En),
            "zh" => Some(Lang::Zh),
            _ => None,
        }
    }

    /// The text in this language.
    pub(crate) fn of<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}
