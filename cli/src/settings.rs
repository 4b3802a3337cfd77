//! Which configuration is meant, and a client made of it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use yspay::Client;

use crate::lang::Lang;
use crate::{arguments, exit};

/// The configuration where nobody names one.
pub(crate) const DEFAULT: &str = "yspay.json";

/// `--config`, else `$YSPAY_CONFIG`, else `yspay.json` here.
pub(crate) fn path(matches: &ArgMatches) -> PathBuf {
    arguments::config(matches)
        .cloned()
        .or_else(|| std::env::var_os("YSPAY_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from))
        .unwrap_or_else(|| DEFAULT.into())
}

/// The client; when there is none, the reason has been told.
pub(crate) fn client(matches: &ArgMatches, lang: Lang) -> Result<Client, ExitCode> {
    Client::from_file(path(matches)).map_err(|error| {
        eprintln!("yspay: {error}");
        if !path(matches).exists() {
            eprintln!(
                "{}",
                lang.of(
                    "`yspay init` writes a configuration. To try without credentials: `yspay simulate --write try`, then \
                     --config try/sm.json.",
                    "用 `yspay init` 可以生成配置文件。还没有密钥，只想试一试：运行 `yspay simulate --write try`，再用 --config try/sm.json。",
                )
            );
        }
        ExitCode::from(exit::CONFIGURATION)
    })
}
