//! Chinese or English: each text of the command stands in both, beside each other, where it is used.

use std::ffi::OsString;

use clap::ArgMatches;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    Zh,
}

impl Lang {
    /// As `--lang` says, wherever it stands (help must know before anything is parsed), else the environment.
    pub(crate) fn of_process() -> Self {
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        Self::chosen(&arguments, |name| std::env::var(name).ok(), of_system)
    }

    /// `system` gives a language where nobody has said one.
    fn chosen(
        arguments: &[OsString],
        variable: impl Fn(&str) -> Option<String>,
        system: impl FnOnce() -> Option<String>,
    ) -> Self {
        let said = arguments.iter().map(|argument| argument.to_str().unwrap_or_default());
        let said: Vec<_> = said.take_while(|argument| *argument != "--").collect();
        let stated = said.iter().enumerate().find_map(|(index, argument)| match argument.strip_prefix("--lang")? {
            "" => Self::named(said.get(index + 1)?),
            rest => Self::named(rest.strip_prefix('=')?),
        });
        // The first that is set decides, as in gettext.
        let of_environment = || {
            let mut names = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
            names.find_map(|name| variable(name).filter(|value| !value.is_empty()))
        };
        stated.unwrap_or_else(|| match of_environment().or_else(system) {
            Some(locale) if locale.starts_with("zh") => Lang::Zh,
            _ => Lang::En,
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

/// Windows has a language of its own for what it shows, and sets no variable.
#[cfg(windows)]
fn of_system() -> Option<String> {
    sys_locale::get_locale()
}

#[cfg(unix)]
fn of_system() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_comes_before_the_environment() {
        let on = |system: Option<&str>, arguments: &[&str], environment: &[(&str, &str)]| {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            let variable =
                |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Lang::chosen(&arguments, variable, || system.map(str::to_owned))
        };
        let chosen = |arguments: &[&str], environment: &[(&str, &str)]| on(None, arguments, environment);
        assert_eq!(chosen(&[], &[]), Lang::En);
        assert_eq!(chosen(&[], &[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(chosen(&[], &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Lang::En);
        assert_eq!(chosen(&[], &[("LC_ALL", ""), ("LC_MESSAGES", "zh_TW"), ("LANG", "C")]), Lang::Zh);
        assert_eq!(chosen(&["query", "--lang", "zh", "A"], &[]), Lang::Zh);
        assert_eq!(chosen(&["--lang=en"], &[("LANG", "zh_CN.UTF-8")]), Lang::En);
        assert_eq!(chosen(&["--lang=fr"], &[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(chosen(&["query", "--", "--lang=zh"], &[]), Lang::En);
        assert_eq!(on(Some("zh-CN"), &[], &[]), Lang::Zh);
        assert_eq!(on(Some("zh-Hans-CN"), &[], &[("LANG", "")]), Lang::Zh);
        assert_eq!(on(Some("de-DE"), &[], &[]), Lang::En);
        assert_eq!(on(Some("zh-CN"), &[], &[("LANG", "C.UTF-8")]), Lang::En);
        assert_eq!(on(Some("zh-CN"), &["--lang=en"], &[]), Lang::En);
    }
}
