//! What clap itself says, in Chinese: the headings of its help, and what is wrong with a command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
const TEMPLATE_WITHOUT_ARGUMENTS: &str = "{about-with-newline}\n用法：{usage}{after-help}";

/// The same command with Chinese headings, and all that belong to it.
pub(crate) fn headings(command: Command) -> Command {
    let has_arguments = command.get_arguments().next().is_some() || command.has_subcommands();
    command
        .help_template(if has_arguments { TEMPLATE } else { TEMPLATE_WITHOUT_ARGUMENTS })
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|argument| match argument.get_help_heading() {
            Some(_) => argument,
            None if argument.is_positional() => argument.help_heading("参数"),
            None => argument.help_heading("选项"),
        })
        .mut_subcommands(headings)
}

/// Help, version or a usage error as it is shown.
pub(crate) fn shown(error: &Error) -> String {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => words(&error.to_string()),
        ErrorKind::DisplayVersion => error.to_string(),
        _ => refusal(error),
    }
}

/// The words that clap puts into a usage line.
fn words(text: &str) -> String {
    text.replace("[OPTIONS]", "[选项]").replace("[default: ", "[默认：").replace("[possible values: ", "[可取：")
}

/// What is wrong, what may have been meant, and how it is used.
fn refusal(error: &Error) -> String {
    let told = |kind| error.get(kind).map(value).unwrap_or_default();
    let argument = told(ContextKind::InvalidArg);
    let value = told(ContextKind::InvalidValue);
    let reason = match error.kind() {
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", told(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => format!("不认识参数 {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面缺少值"),
        ErrorKind::InvalidValue => format!("{argument} 不能取 {value:?}"),
        ErrorKind::ValueValidation => {
            let source = std::error::Error::source(error).map(|source| format!("：{source}")).unwrap_or_default();
            format!("{argument} 的值 {value:?} 不对{source}")
        }
        ErrorKind::NoEquals => format!("{argument} 要写成 {argument}=值"),
        ErrorKind::TooManyValues => format!("{argument} 多了一个值 {value:?}"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument} 的值的个数不对"),
        ErrorKind::ArgumentConflict => format!("{argument} 不能与 {} 同时使用", told(ContextKind::PriorArg)),
        ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidUtf8 => "有参数不是 UTF-8".to_owned(),
        _ => error.to_string(),
    };
    let mut text = format!("错误：{reason}。\n");
    for (kind, label) in [
        (ContextKind::ValidValue, "可取的值"),
        (ContextKind::SuggestedSubcommand, "是不是想写"),
        (ContextKind::SuggestedArg, "是不是想写"),
        (ContextKind::SuggestedValue, "是不是想写"),
        (ContextKind::ValidSubcommand, "可用的命令"),
    ] {
        match told(kind) {
            listed if listed.is_empty() => {}
            listed => text += &format!("  {label}：{listed}\n"),
        }
    }
    if let Some(usage) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim().trim_start_matches("Usage:").trim();
        text += &format!("\n用法：{}\n", words(usage).replace("<COMMAND>", "<命令>"));
    }
    text + "\n加 --help 查看说明。\n"
}

fn value(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(several) => several.join("、"),
        other => other.to_string(),
    }
}
