//! What is told of a simulator that runs, or does not.

use std::io::ErrorKind;
use std::path::Path;

use yspay_simulator::kit;
use yspay_simulator::program::{Error, Running};

use crate::lang::Lang;
use crate::shell;

/// Where it is, and what to try next.
pub(super) fn introduction(running: &Running, lang: Lang) -> String {
    let endpoint = running.simulator().endpoint();
    let reach = match running.exposed() {
        None => lang.of("for this machine alone", "只有本机能访问"),
        Some(_) => lang.of("for every machine that reaches it", "其他机器也能访问"),
    };
    let mut told = lang.of(
        format!("The platform is simulated, with test keys, {reach}:\n  {endpoint}\n\n"),
        format!("模拟器已启动，使用测试密钥，{reach}：\n  {endpoint}\n\n"),
    );
    if let Some(page) = running.simulator().page() {
        told += &lang.of(
            format!("See each request explained, and set what a contract is answered, in a browser:\n  {page}\n\n"),
            format!("用浏览器查看每个请求的解释，并设定各合同的应答：\n  {page}\n\n"),
        );
    }
    match running.kit() {
        Some(kit) => {
            let config = kit.configurations.first().map_or(kit.folder.as_path(), |first| &first.path);
            let (command, readme) = (query(config), kit.folder.join(lang.of("README.md", "README.zh-CN.md")));
            told += &lang.of(
                format!("Ask, in another terminal:\n  {command}\n\n"),
                format!("在另一个终端里查询：\n  {command}\n\n"),
            );
            told += &lang.of(
                format!(
                    "A first program in C, C++, Go, Java and Python, and how it is run:\n  {}\n\n",
                    readme.display()
                ),
                format!("C、C++、Go、Java、Python 的第一个程序及运行方法：\n  {}\n\n", readme.display()),
            );
            for path in &kit.kept {
                told += &lang.of(
                    format!("Left as it is, for it was changed: {}\n\n", path.display()),
                    format!("改动过，保持原样：{}\n\n", path.display()),
                );
            }
        }
        None => {
            told += lang.of(
                "Add --write FOLDER for test keys, configurations, and a first program in each language.\n\n",
                "加上 --write 目录，可得到测试密钥、配置，以及各语言的第一个程序。\n\n",
            );
        }
    }
    let stats = running.url("/stats");
    told + &lang.of(
        format!("Other answers: yspay simulate --behaviours. What was asked: {stats}. Ctrl-C ends it.\n"),
        format!("其他应答：yspay simulate --behaviours。收到的请求：{stats}。按 Ctrl-C 结束。\n"),
    )
}

/// A command that may be copied into a shell.
fn query(config: &Path) -> String {
    format!("yspay query --config {} STS2-1", shell::quoted(&config.to_string_lossy()))
}

/// When others than this machine reach it.
pub(super) fn warning(running: &Running, lang: Lang) -> Option<String> {
    let address = running.exposed()?;
    Some(lang.of(
        format!("it listens on {address}, not on loopback alone: anyone who reaches this port can read and drive it."),
        format!("正在监听 {address}，不限于本机：凡能访问该端口的人都能查看并操纵它。"),
    ))
}

pub(super) fn error(error: &Error, lang: Lang) -> String {
    match error {
        Error::Start { address, error } if error.kind() == ErrorKind::AddrInUse => {
            let port = address.port();
            lang.of(
                format!("port {port} is in use. Name another one with --port, or 0 for a free one."),
                format!("端口 {port} 已被占用。请用 --port 换一个，或写 0 自动选一个空闲端口。"),
            )
        }
        Error::Start { address, error } if error.kind() == ErrorKind::AddrNotAvailable => {
            let ip = address.ip();
            lang.of(
                format!("{ip} is no address of this machine. Leave --listen out to listen for this machine alone."),
                format!("{ip} 不是本机的地址。不写 --listen 则只供本机访问。"),
            )
        }
        Error::Start { address, error } => lang.of(
            format!("{address} cannot be listened on: {error}. Name another port with --port."),
            format!("无法监听 {address}：{error}。请用 --port 换一个端口。"),
        ),
        Error::Authority(path, error) => {
            let shown = path.display();
            lang.of(
                format!("{shown} cannot be written: {error}. Name another file with --ca-out."),
                format!("无法写入 {shown}：{error}。请用 --ca-out 指定别的文件。"),
            )
        }
        Error::Folder(kit::Error::Unwritable(path, error)) => {
            let shown = path.display();
            lang.of(
                format!("{shown} cannot be written: {error}. Name another folder with --write."),
                format!("无法写入 {shown}：{error}。请用 --write 指定别的目录。"),
            )
        }
        Error::Folder(kit::Error::InTheWay(path)) => {
            let shown = path.display();
            lang.of(
                format!(
                    "{shown} was changed, or comes from elsewhere, so it is not written over. Move it away, or name another \
                     folder with --write."
                ),
                format!("{shown} 改动过，或者不是本命令写的，因此不覆盖。请把它移走，或用 --write 指定别的目录。"),
            )
        }
        Error::Folder(kit::Error::NotUtf8(path)) => {
            let shown = path.display();
            lang.of(
                format!("{shown} is not UTF-8, so no configuration can name it. Name another folder with --write."),
                format!("{shown} 不是 UTF-8，配置里写不出这个路径。请用 --write 指定别的目录。"),
            )
        }
    }
}
