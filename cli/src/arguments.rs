//! What can be said on the command line. Each command states its own words beside what it does; here they come together.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, Command};

use crate::chinese;
use crate::lang::Lang;
use crate::{batch, completions, doctor, explain, init, man, query, simulate, watch};

pub(crate) fn command(lang: Lang) -> Command {
    let command = Command::new("yspay")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.of(
            "Asks the YSEPAY e-contract service what the signing status of contracts is.",
            "向银盛电子合同服务查询合同的签约状态。",
        ))
        .after_help(lang.of(
            "Begin with `yspay init`, which asks for what is needed and writes yspay.json. Without credentials yet, `yspay \
             simulate` plays the platform on this machine.",
            "第一次使用请先运行 `yspay init`：它会逐项询问并写好 yspay.json。还没有拿到密钥时，可以用 `yspay simulate` 在本机模拟平台。",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("config")
                .long("config")
                .display_order(900)
                .short('c')
                .value_name("FILE")
                .value_parser(ValueParser::path_buf())
                .value_hint(clap::ValueHint::FilePath)
                .global(true)
                .help(lang.of(
                    "The configuration; else $YSPAY_CONFIG, else yspay.json in this folder",
                    "配置文件；不写则用环境变量 YSPAY_CONFIG 所指的文件，再没有则用当前目录下的 yspay.json",
                )),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .display_order(901)
                .value_name("LANG")
                .value_parser(PossibleValuesParser::new(["en", "zh"]))
                .hide_possible_values(true)
                .global(true)
                .help(lang.of(
                    "The language of the command, en or zh; else that of the environment (LC_ALL, LC_MESSAGES, LANG)",
                    "界面语言，en 或 zh；不写则按环境变量 LC_ALL、LC_MESSAGES、LANG",
                )),
        )
        .arg(
            Arg::new("help")
                .long("help")
                .display_order(902)
                .short('h')
                .action(ArgAction::Help)
                .global(true)
                .help(lang.of("Tells how it is used", "显示用法")),
        )
        .arg(
            Arg::new("version")
                .long("version")
                .display_order(903)
                .short('V')
                .action(ArgAction::Version)
                .help(lang.of("Tells the version", "显示版本号")),
        )
        .subcommand(init::command(lang))
        .subcommand(query::command(lang))
        .subcommand(batch::command(lang))
        .subcommand(watch::command(lang))
        .subcommand(doctor::command(lang))
        .subcommand(explain::command(lang))
        .subcommand(simulate::command(lang))
        .subcommand(completions::command(lang))
        .subcommand(man::command(lang));
    match lang {
        Lang::En => command,
        Lang::Zh => chinese::headings(command),
    }
}

/// The file that `--config` names.
pub(crate) fn config(matches: &clap::ArgMatches) -> Option<&PathBuf> {
    matches.get_one("config")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_do_not_contradict_each_other() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }

    /// Whoever adds a command or an argument says what it is in both languages.
    #[test]
    fn every_command_and_argument_has_its_own_help_in_both_languages() {
        fn compare(en: &Command, zh: &Command, seen: &mut usize) {
            let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let mut pair = |what: String, en: Option<String>, zh: Option<String>| {
                let (en, zh) = (en.unwrap_or_default(), zh.unwrap_or_default());
                assert!(!en.is_empty() && !is_chinese(&en), "{what}: {en:?}");
                assert!(is_chinese(&zh), "{what}: {zh:?}");
                *seen += 1;
            };
            let name = en.get_name();
            pair(name.into(), en.get_about().map(|t| t.to_string()), zh.get_about().map(|t| t.to_string()));
            for (en, zh) in en.get_arguments().zip(zh.get_arguments()) {
                assert_eq!(en.get_id(), zh.get_id());
                let what = format!("{name} {}", en.get_id());
                pair(what, en.get_help().map(|t| t.to_string()), zh.get_help().map(|t| t.to_string()));
            }
            for (en, zh) in en.get_subcommands().zip(zh.get_subcommands()) {
                assert_eq!(en.get_name(), zh.get_name());
                compare(en, zh, seen);
            }
        }
        let mut seen = 0;
        compare(&command(Lang::En), &command(Lang::Zh), &mut seen);
        assert!(seen > 10, "{seen}");
    }
}
