//! What a contract's number may begin with.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;
use yspay_simulator::behaviour;

use crate::lang::Lang;

/// The list, a line each.
pub(super) fn list(lang: Lang) -> String {
    let mut told = lang
        .of(
            "A good request is answered with status 2, unless the contract's number begins with one of these. The longest \
             that\nfits counts, letter case matters, the rest is free: BADSIG-42.\n\n",
            "合格的请求得到状态 2，除非合同编号以下列某个前缀开头。取最长的那个，区分大小写，后面可以随意写：BADSIG-42。\n\n",
        )
        .to_owned();
    let width = behaviour::rows().map(|(prefix, _)| prefix.width()).max().unwrap_or(0);
    for (prefix, english) in behaviour::rows() {
        let help = lang.of(english, chinese(prefix).unwrap_or(english));
        let _ = writeln!(told, "  {prefix:<width$}  {help}");
    }
    told
}

/// What the simulator itself tells in English.
fn chinese(prefix: &str) -> Option<&'static str> {
    Some(match prefix {
        "STS0" => "状态 0，申请中",
        "STS1" => "状态 1，待签署",
        "STS2" => "状态 2，已创建",
        "STS3" => "状态 3，已作废",
        "STS4" => "状态 4，已过期",
        "STS7" => "状态 7，创建失败",
        "STS8" => "状态 8，合同已生成",
        "STS9" => "状态 9，接口未定义",
        "STSX" => "状态 ARCHIVED，不是数字",
        "LIFE" => "LIFE01E2-：第一次为状态 0，第二次为 1，随后 HTTP 500，此后一直为 2",
        "SLOW" => "SLOW<毫秒>-：这么多毫秒后正常应答",
        "HANG" => "不应答，直到客户端关闭连接",
        "RESET" => "不应答，重置连接（RST）",
        "CLOSE" => "不应答，关闭连接（FIN）",
        "TRUNC" => "只发 Content-Length 所说的一半，然后关闭",
        "DRIP" => "正常应答，每 100 毫秒一个字节",
        "HALFHEAD" => "应答头发一半就不动了",
        "CHUNKED" => "分块的正常应答",
        "BADCHUNK" => "分块，其中一个长度不是数字",
        "SHORTLEN" => "比 Content-Length 所说的长一倍",
        "NOLENGTH" => "以关闭连接为结束的正常应答",
        "KEEPCLOSE" => "正常应答，声称保持连接却关闭了",
        "CONNCLOSE" => "带 Connection: close 的正常应答",
        "CONT100" => "先 100 Continue，再正常应答",
        "BADSIG" => "签的是别的数据",
        "MERCHSIG" => "用商户自己的私钥签名",
        "UNSIGNED" => "网关那种不带签名的拒绝",
        "NOTB64" => "signValue 不是 Base64",
        "RAWRS" => "正常；SM 的签名是原始的 r||s",
        "LFWRAP" => "正常；signValue 里有换行（LF）",
        "OTHERID" => "签名正确，但说的是另一份合同",
        "NOID" => "成功，但没有 sysSignFlowId",
        "NOSTS" => "成功，但没有 signSts",
        "NOCODE" => "签名正确，没有 code",
        "C50THEN" => "第一次 code 50，之后正常",
        "C50" => "code 50，平台自己超时",
        "C98" => "code 98，接口未定义",
        "C99" => "code 99，流水不存在，不带 sysSignFlowId",
        "H500THEN" => "第一次 HTTP 500，之后正常",
        "H500" => "HTTP 500",
        "H502" => "HTTP 502，正文是 HTML",
        "H429RA" => "H429RA<秒>-：第一次 HTTP 429，带 Retry-After，之后正常",
        "H429" => "HTTP 429，不带 Retry-After",
        "H404" => "HTTP 404，正文是 HTML",
        "H302" => "HTTP 302，跳到不存在的路径",
        "H204" => "HTTP 204",
        "HUGE" => "正常应答，外加 2 MiB 填充",
        "NOTUTF8" => "正文是 GBK 编码",
        "NOTJSON" => "正文不是 JSON",
        "EMPTY" => "正文为空",
        "EXTRA" => "正常；data 里外都有不认识的字段",
        "OBJECT" => "正常；data 是对象而不是字符串",
        "DUPNAME" => "data 里 signSts 出现两次",
        "GZIPPED" => "声称是 gzip 压缩的，其实不是",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_in_both_languages() {
        for (prefix, english) in behaviour::rows() {
            assert!(chinese(prefix).is_some(), "{prefix}: {english}");
        }
        for lang in [Lang::En, Lang::Zh] {
            let list = list(lang);
            assert_eq!(list.lines().filter(|line| line.starts_with("  ")).count(), behaviour::rows().count());
            assert!(list.lines().all(|line| line.width() <= 120), "{list}");
        }
    }
}
