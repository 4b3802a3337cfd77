//! Asks for what a configuration needs, tries each answer at once, and writes the file.
//!
//! ```text
//! answers   what a configuration is made of, as JSON    trial   each answer before the engine's own checks
//! terminal  questions, secrets without echo             file    written in one step, for its owner alone
//! ```

mod answers;
mod file;
mod terminal;
mod trial;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use zeroize::Zeroizing;

use crate::lang::Lang;
use crate::{exit, settings};
use answers::{Answers, Kept};

/// The variables that are proposed for secrets.
const DES_KEY_VARIABLE: &str = "YSPAY_DES_KEY";
const PASSWORD_VARIABLE: &str = "YSPAY_KEY_PASSWORD";

pub(crate) fn command(lang: Lang) -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let path = |name: &'static str, help: &'static str| {
        text(name, "FILE", help).value_parser(ValueParser::path_buf()).value_hint(ValueHint::FilePath)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("init")
        .about(lang.of("Asks for what is needed and writes the configuration", "逐项询问并生成配置文件"))
        .after_help(lang.of(
            "What an option states is not asked. Secrets are typed without being shown, or named by the variable or the \
             file that holds them; they are no options, for everyone could see them in the list of processes.",
            "选项里写了的就不再询问。密钥和口令在提问时输入（不回显），或用选项指明存放它们的环境变量或文件；\
             它们本身不能写成选项，因为别人能从进程列表里看到。",
        ))
        .args([
            text(
                "environment",
                "NAME",
                lang.of("test, production, or a URL of your own", "test（测试）、production（生产）或自定义地址"),
            ),
            text("src", "SRC", lang.of("The institution number (ORG…)", "机构号（ORG…）")),
            text(
                "des-key-env",
                "NAME",
                lang.of("The variable that holds desKey", "存放 desKey 的环境变量名"),
            ),
            path("des-key-file", lang.of("The file that holds desKey", "存放 desKey 的文件"))
                .conflicts_with("des-key-env"),
            path(
                "key",
                lang.of("Your private key: .pfx, .sm2 or PEM", "商户私钥文件：.pfx、.sm2 或 PEM"),
            ),
            text(
                "password-env",
                "NAME",
                lang.of("The variable that holds the key's password", "存放私钥口令的环境变量名"),
            ),
            path("password-file", lang.of("The file that holds the key's password", "存放私钥口令的文件"))
                .conflicts_with("password-env"),
            text(
                "alias",
                "NAME",
                lang.of("Which key, in a .pfx with several", "私钥别名，.pfx 中有多个私钥时需要"),
            ),
            path("certificate", lang.of("The platform's certificate", "银盛平台的证书文件")),
            flag("force", lang.of("Replaces a configuration that is there", "覆盖已有的配置文件")),
            flag(
                "non-interactive",
                lang.of("Asks nothing: the options say everything", "不询问，全部由选项给出"),
            ),
        ])
}

/// Why nothing was written: the exit status and a sentence.
struct Ended(u8, String);

pub(crate) fn run(matches: &ArgMatches, given: &ArgMatches, lang: Lang) -> ExitCode {
    let target = settings::path(matches);
    let asks = !given.get_flag("non-interactive");
    match answered(given, &target, asks, lang) {
        Ok(answers) => {
            eprintln!("{}", next_steps(&answers, &target, lang));
            ExitCode::from(exit::OK)
        }
        Err(Ended(status, reason)) => {
            eprintln!("yspay: {reason}");
            ExitCode::from(status)
        }
    }
}

fn answered(given: &ArgMatches, target: &std::path::Path, asks: bool, lang: Lang) -> Result<Answers, Ended> {
    let force = given.get_flag("force");
    file::check(target, force, lang).map_err(|reason| Ended(exit::FILE, reason))?;
    let stated = Stated { given, lang };
    let answers = if asks && std::io::stdin().is_terminal() {
        terminal::restore_at_signals();
        eprintln!(
            "{}",
            lang.of(
                "What YSEPAY and your CA (CFCA, for example) gave you is needed. Ctrl-C ends; nothing is written before the end.",
                "请准备好银盛和证书机构（如 CFCA）发给您的资料。随时可按 Ctrl-C 退出；全部问完之前不会写入任何文件。",
            )
        );
        stated.or_asked()?
    } else {
        stated.alone(asks)?
    };
    let made = trial::whole(&answers).map_err(|error| Ended(exit::CONFIGURATION, error.to_string()))?;
    file::write(target, &answers.to_json(), force, lang).map_err(|reason| Ended(exit::FILE, reason))?;
    eprintln!("{}", summary(&made, lang));
    Ok(answers)
}

/// What the options say.
struct Stated<'a> {
    given: &'a ArgMatches,
    lang: Lang,
}

impl Stated<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.given.get_one::<String>(name).cloned()
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.given.get_one::<PathBuf>(name).cloned()
    }

    fn secret(&self, variable: &str, file: &str) -> Result<Option<Kept>, Ended> {
        Ok(match (self.text(variable), self.path(file)) {
            (Some(name), _) => Some(Kept::InVariable { name, typed: None }),
            (None, Some(path)) => Some(Kept::InFile(self.whole(path)?)),
            (None, None) => None,
        })
    }

    /// The path as the configuration keeps it: whole, so that it holds in every folder.
    fn whole(&self, path: PathBuf) -> Result<String, Ended> {
        let whole = std::path::absolute(&path).ok().and_then(|path| path.to_str().map(str::to_owned));
        whole.ok_or_else(|| {
            let path = path.display();
            let reason = self.lang.of(
                format!("{path} is no path that a configuration can hold; it must be UTF-8."),
                format!("配置文件里写不了这个路径：{path}，路径必须是 UTF-8。"),
            );
            Ended(exit::FILE, reason)
        })
    }

    /// Without a terminal, or without questions.
    fn alone(&self, asks: bool) -> Result<Answers, Ended> {
        let needed = [
            ("--environment", self.text("environment").is_some()),
            ("--src", self.text("src").is_some()),
            ("--des-key-env | --des-key-file", self.secret("des-key-env", "des-key-file")?.is_some()),
            ("--key", self.path("key").is_some()),
            ("--certificate", self.path("certificate").is_some()),
        ];
        let missing: Vec<_> = needed.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            let why = if asks {
                self.lang.of(
                    "There is no terminal to ask at, and these options are missing",
                    "没有可以提问的终端，又缺少这些选项",
                )
            } else {
                self.lang.of("These options are missing", "缺少这些选项")
            };
            let told = self.lang.of(format!("{why}: {}", missing.join(", ")), format!("{why}：{}", missing.join("、")));
            return Err(Ended(exit::USAGE, told));
        }
        Ok(Answers {
            place: self.text("environment").unwrap_or_default(),
            src: self.text("src").unwrap_or_default(),
            des_key: self.secret("des-key-env", "des-key-file")?.unwrap_or_default(),
            key: self.path("key").map(|path| self.whole(path)).transpose()?.unwrap_or_default(),
            password: self.secret("password-env", "password-file")?,
            alias: self.text("alias"),
            certificate: self.path("certificate").map(|path| self.whole(path)).transpose()?.unwrap_or_default(),
        })
    }

    /// With questions for what is not stated; each answer is tried before the next question.
    fn or_asked(&self) -> Result<Answers, Ended> {
        let lang = self.lang;
        let mut answers = Answers::default();
        // desKey is long enough.
        let good_so_far = || Answers { des_key: Kept::Here(Zeroizing::new("12345678".into())), ..Answers::default() };

        let place = lang.of(
            "Environment: test, production, or a URL of your own [test]",
            "环境：test（测试）、production（生产），或自定义地址 [test]",
        );
        answers.place = self.each(
            self.text("environment"),
            || terminal::line(place, Some("test")),
            |place| trial::settings(&Answers { place: place.clone(), ..good_so_far() }),
        )?;

        let src = lang.of("Institution number that YSEPAY issued (src, ORG…)", "银盛分配的机构号（src，ORG…）");
        answers.src = self.each(
            self.text("src"),
            || terminal::line(src, None),
            |src| trial::settings(&Answers { src: src.clone(), ..good_so_far() }),
        )?;

        let what = lang.of("desKey that YSEPAY issued, not shown", "银盛分配的 desKey（输入时不显示）");
        let tried = |des_key: &Kept| trial::settings(&Answers { des_key: des_key.clone(), ..Answers::default() });
        answers.des_key =
            self.each(self.secret("des-key-env", "des-key-file")?, || Ok(Kept::Here(terminal::hidden(what)?)), tried)?;
        self.choose_place(&mut answers.des_key, DES_KEY_VARIABLE)?;

        self.ask_key(&mut answers)?;
        if let Some(password) = &mut answers.password {
            self.choose_place(password, PASSWORD_VARIABLE)?;
        }

        let certificate = lang.of("The platform's certificate (a .cer file)", "银盛平台的证书文件（.cer）");
        answers.certificate = self.each(
            self.path("certificate").map(|path| self.whole(path)).transpose()?,
            || terminal::path(certificate).and_then(|path| self.whole(path)),
            |certificate| trial::whole(&Answers { certificate: certificate.clone(), ..answers.clone() }).map(drop),
        )?;
        Ok(answers)
    }

    /// The key's file and what opens it.
    fn ask_key(&self, answers: &mut Answers) -> Result<(), Ended> {
        let lang = self.lang;
        let mut stated = self.path("key");
        answers.alias = self.text("alias");
        loop {
            let was_stated = stated.is_some();
            let file = match stated.take() {
                Some(file) => file,
                None => terminal::path(
                    lang.of("Your private key: a .pfx, .sm2 or PEM file", "商户私钥文件（.pfx、.sm2 或 PEM）"),
                )?,
            };
            answers.key = self.whole(file)?;
            answers.password = self.secret("password-env", "password-file")?;
            let mut is_typed = false;
            loop {
                let need = match trial::key(answers) {
                    Ok(()) => return Ok(()),
                    Err(need) => need,
                };
                match need {
                    trial::Need::Password(error) if answers.password.is_none() || is_typed => {
                        if is_typed {
                            eprintln!("  {error}");
                        }
                        let typed = terminal::hidden(lang.of(
                            "Its password, not shown; nothing to name another file",
                            "私钥口令（输入时不显示）；直接回车则换一个文件",
                        ))?;
                        if typed.is_empty() {
                            break;
                        }
                        answers.password = Some(Kept::Here(typed));
                        is_typed = true;
                    }
                    trial::Need::Alias(error) => {
                        eprintln!("  {error}");
                        let alias = lang.of("Which of them (its name)", "使用其中哪一个（别名）");
                        answers.alias = Some(terminal::line(alias, None)?);
                    }
                    trial::Need::Password(error) | trial::Need::AnotherFile(error) => {
                        if was_stated || (answers.password.is_some() && !is_typed) {
                            return Err(Ended(exit::CONFIGURATION, error.to_string()));
                        }
                        eprintln!("  {error}");
                        break;
                    }
                }
            }
        }
    }

    /// The first answer that passes: the stated one, else one that was asked for.
    fn each<T>(
        &self,
        stated: Option<T>,
        ask: impl Fn() -> Result<T, Ended>,
        passes: impl Fn(&T) -> Result<(), yspay::Error>,
    ) -> Result<T, Ended> {
        if let Some(stated) = stated {
            return match passes(&stated) {
                Ok(()) => Ok(stated),
                Err(error) => Err(Ended(exit::CONFIGURATION, error.to_string())),
            };
        }
        loop {
            let answer = ask()?;
            match passes(&answer) {
                Ok(()) => return Ok(answer),
                Err(error) => eprintln!("  {error}"),
            }
        }
    }

    /// Where a secret that was typed is kept.
    fn choose_place(&self, secret: &mut Kept, variable: &str) -> Result<(), Ended> {
        let Kept::Here(typed) = secret else { return Ok(()) };
        let question = self.lang.of(
            format!(
                "Keep it in the file, which only you can read, or in the environment as {variable}? file/env [file]"
            ),
            format!("把它写进配置文件（只有您能读），还是放在环境变量 {variable} 里？file/env [file]"),
        );
        loop {
            match terminal::line(&question, Some("file"))?.as_str() {
                "file" => return Ok(()),
                "env" => {
                    let typed = Some(Zeroizing::new(typed.to_string()));
                    *secret = Kept::InVariable { name: variable.into(), typed };
                    return Ok(());
                }
                _ => eprintln!("  {}", self.lang.of("Answer file or env.", "请回答 file 或 env。")),
            }
        }
    }
}

/// What the answers make together.
fn summary(made: &yspay::Description, lang: Lang) -> String {
    let (key, platform) = (&made.private_key, &made.platform_certificate);
    lang.of(
        format!(
            "Your key: {} ({}); the platform's: {}; so signType is {}.",
            key.kind, key.container, platform.kind, made.sign_type
        ),
        format!(
            "商户私钥：{}（{}）；平台证书：{}；签名方式 signType 为 {}。",
            key.kind, key.container, platform.kind, made.sign_type
        ),
    )
}

/// What to do now.
fn next_steps(answers: &Answers, target: &std::path::Path, lang: Lang) -> String {
    let shown = target.display();
    let mut text =
        lang.of(format!("{shown} is written; only you can read it."), format!("已写好 {shown}，只有您能读取。"));
    for name in answers.secrets().filter_map(Kept::variable) {
        text += &lang.of(
            format!("\nSet {name} before each run; its value is not in the file."),
            format!("\n每次运行前请设置环境变量 {name}，它的值不在文件里。"),
        );
    }
    text += lang.of("\nNow try:\n", "\n接下来：\n");
    let option =
        if target == std::path::Path::new("yspay.json") { String::new() } else { format!(" --config {shown}") };
    text += &lang.of(
        format!("  yspay doctor{option}      are keys, network and platform in order?\n  yspay query{option} ID    what is the status of a contract?"),
        format!("  yspay doctor{option}          检查密钥、网络和平台是否正常\n  yspay query{option} 合同编号  查询合同的签约状态"),
    );
    text
}
