//! What can be said on the command line.

use clap::{Arg, Command};

use crate::lang::Lang;

pub(crate) fn command(lang: Lang) -> Command {
    Command::new("yspay")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.of(
            "Asks the YSEPAY e-contract service what the signing status of contracts is.",
            "向银盛电子合同服务查询合同的签约状态。",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(Arg::new("config").long("config").short('c').value_name("FILE").global(true).help(lang.of(
            "The configuration; else $YSPAY_CONFIG, else yspay.json in this folder",
            "配置文件；未给出时取 $YSPAY_CONFIG，再取当前目录下的 yspay.json",
        )))
        .arg(Arg::new("lang").long("lang").value_name("LANG").value_parser(["en", "zh"]).global(true).help(
            lang.of(
                "The language of the command: en or zh; else that of $LANG",
                "界面语言：en 或 zh；未给出时按 $LANG",
            ),
        ))
        .subcommand(query(lang))
        .subcommand(crate::doctor::command(lang))
}

fn query(lang: Lang) -> Command {
    Command::new("query").about(lang.of("Asks about a few contracts, a line each", "查询若干合同，每份一行")).arg(
        Arg::new("ids").value_name("ID").num_args(1..).required(true).help(lang.of(
            "Contract numbers (sysSignFlowId); - reads them from standard input",
            "合同编号（sysSignFlowId）；写 - 则从标准输入读取",
        )),
    )
}
