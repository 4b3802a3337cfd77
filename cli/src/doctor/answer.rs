//! What the platform's answer tells, and the limit under which it was asked.

use yspay::{Answer, Code, Description, Error, Layer, Trace};

use super::check::{Checks, Status};
use super::stated::Stated;
use super::way;

/// No such contract: the platform understood and signed the question's refusal.
const NO_SUCH_CONTRACT: &str = "99";

/// Whether the answer shows that both sides take the keys: it is signed, and about a question that was understood.
pub(super) fn proves_keys(result: &Result<Answer, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => error.code == Code::Business && error.platform_code.as_deref() == Some(NO_SUCH_CONTRACT),
    }
}

pub(super) fn told(checks: &mut Checks, trace: &Trace, result: &Result<Answer, Error>) {
    const ID: &str = "answer";
    let lang = checks.lang;
    let error = match result {
        Ok(answer) => {
            let status = answer.verified.status();
            let found = lang.of(
                format!("signed, status {} {status}: keys, src and desKey are right", status.as_text()),
                format!("已签名，状态 {} {status}：密钥、src、desKey 均正确", status.as_text()),
            );
            checks.add(ID, Status::Ok, found).fact("reqFlowId", answer.req_flow_id.as_str());
            return;
        }
        Err(error) => error,
    };
    if proves_keys(result) {
        let note = error.platform_note.as_deref().unwrap_or("-");
        let found = lang.of(
            format!("BUSINESS 99, signed ({note}): keys, src and desKey are right"),
            format!("BUSINESS 99，已签名（{note}）：密钥、src、desKey 均正确"),
        );
        checks.add(ID, Status::Ok, found).error(error);
        return;
    }
    if way::is_of_way(error, trace) {
        checks.skip(ID, "not reached", "未到达");
        return;
    }
    if error.code == Code::LimiterUnavailable {
        checks.skip(ID, "not asked: the limit comes first", "未提问：请先解决限流问题");
        return;
    }
    let mut status = Status::Failed;
    let advice = match error.code {
        // Unsigned, as those who are not known are refused.
        Code::Signature if error.setting == Some("src") => unsigned(checks, error),
        Code::Signature if error.setting == Some("platformCertificate") => lang.of(
            "Nearly always platformCertificate is of another environment or signType: ask YSEPAY for the one of this one.",
            "几乎总是 platformCertificate 属于其他环境或其他签名算法：请向银盛索取对应的证书。",
        ),
        Code::Signature | Code::MalformedResponse | Code::Mismatch => lang.of(
            "Something between here and the platform answers or changes the answer (a proxy's page, a cache): see \
             `unverified`, and check endpoint and proxy.",
            "应答来自平台以外或被途中修改（代理页面、缓存等）：请看 `unverified`，并检查 endpoint 和代理。",
        ),
        Code::Business if error.platform_note.as_deref().is_some_and(|note| note.contains('签')) => lang.of(
            "The platform says so signed, so platformCertificate is right; it does not take this institution's signature: \
             give YSEPAY the certificate of this key, and tell it which of RSA and SM it is.",
            "该拒绝带有签名，可见 platformCertificate 正确；平台不认可商户签名：请把该私钥的证书提交给银盛，并说明用的是 RSA 还是 SM。",
        ),
        Code::Business => {
            status = Status::Warning;
            lang.of(
                "Signed, so platformCertificate is right; the note says what the platform minds.",
                "带有签名，可见 platformCertificate 正确；平台的说明指出了原因。",
            )
        }
        Code::GatewayTimeout => {
            status = Status::Warning;
            lang.of(
                "Signed: the keys are right, the platform itself is slow. Run this again later.",
                "带有签名：密钥正确，是平台自身超时。请稍后再运行。",
            )
        }
        Code::HttpStatus => lang.of(
            "Check endpoint (or set environment instead); 401 and 403: have this machine's address registered with YSEPAY; \
             429: somebody else asks under this institution number; 5xx: the platform is in trouble.",
            "请检查 endpoint（或改用 environment）；401、403：请在银盛登记本机出口地址；429：另有程序使用同一机构号；5xx：平台故障。",
        ),
        Code::RateLimited => lang.of(
            "No turn within timeoutMs: see docs/limiter.md.",
            "在 timeoutMs 内未轮到：见 docs/zh-CN/limiter.md。",
        ),
        Code::Transport if trace.reached == Layer::Http => lang.of(
            "Connected, but what answers is no HTTP or breaks off: check endpoint's scheme (http or https) and port.",
            "已连接，但应答不是 HTTP 或中途断开：请检查 endpoint 的协议（http 还是 https）和端口。",
        ),
        Code::Timeout => lang.of(
            "The question was sent, the answer did not come in time: run this again; raise timeoutMs if it stays so.",
            "已发出提问但未及时收到应答：请再试一次；若一直如此，请调大 timeoutMs。",
        ),
        _ => lang.of("See docs/errors.md.", "见 docs/zh-CN/errors.md。"),
    };
    let words = error.unverified.as_deref().map(|words| format!(" unverified: {words}")).unwrap_or_default();
    let check = checks.fail(ID, error);
    check.found += &words;
    check.status = status;
    check.advise(advice);
}

/// Who is to blame for an unsigned refusal; its words cannot be believed, but may point somewhere.
fn unsigned(checks: &Checks, error: &Error) -> &'static str {
    let lang = checks.lang;
    let words = error.unverified.as_deref().unwrap_or_default();
    if words.contains("验签") || words.contains("签名") {
        return lang.of(
            "It speaks of the signature: give YSEPAY the certificate of this very private key, and tell it which of RSA and SM \
             it is. Then check that src is this key's institution.",
            "它提到签名：请把这把私钥的证书提交给银盛，并说明用的是 RSA 还是 SM；再核对 src 是否属于这把私钥。",
        );
    }
    if words.contains("解密") || words.contains("desKey") {
        return lang.of(
            "It speaks of decrypting: check desKey, the whole key string of this environment (YSEPAY's sample calls it aesKey).",
            "它提到解密：请核对 desKey，须为本环境完整的密钥字符串（银盛示例中称 aesKey）。",
        );
    }
    if words.contains("频繁") {
        return lang.of(
            "It speaks of too many calls: another process or host uses this institution number. See docs/limiter.md.",
            "它提到过于频繁：另有进程或主机使用同一机构号，见 docs/zh-CN/limiter.md。",
        );
    }
    lang.of(
        "Most likely src: it must be the institution number that is registered in this very environment (test and production \
         differ). Then desKey, and whether YSEPAY has the certificate of this private key.",
        "最可能是 src：须为在本环境登记的机构号（测试与生产不同）。其次核对 desKey，以及银盛是否已收到这把私钥的证书。",
    )
}

/// The limit, and its store if several processes share it. `result` is that of the question, if one was asked.
pub(super) fn limit(
    checks: &mut Checks,
    stated: &Stated,
    client: &Description,
    result: Option<&Result<Answer, Error>>,
) {
    const ID: &str = "limit";
    let lang = checks.lang;
    let rate = client.rate_limit.per_second;
    let failed = result.and_then(|result| result.as_ref().err()).filter(|e| e.code == Code::LimiterUnavailable);
    let check = match (failed, stated.shares_limit(), result) {
        (Some(error), _, _) => {
            let advice = lang.of(
                "Check that the store of rateLimit.shared runs and that this machine reaches it.",
                "请检查 rateLimit.shared 的存储是否在运行，以及本机能否访问。",
            );
            let check = checks.fail(ID, error);
            check.advise(advice)
        }
        (None, true, None) => checks.skip(ID, "the store was left out: --offline", "未检查存储：--offline"),
        // The engine refuses the id before it asks for a turn.
        (None, true, Some(Err(error))) if error.code == Code::InvalidArgument => {
            checks.skip(ID, "the store was not asked", "未访问存储")
        }
        (None, true, Some(Err(error))) if error.code == Code::RateLimited => {
            let found = lang.of(
                format!("{rate} a second, shared; the store answers, but there was no turn in time"),
                format!("每秒 {rate} 次，共享；存储可用，但未及时轮到"),
            );
            checks.add(ID, Status::Warning, found)
        }
        (None, true, Some(_)) => {
            let found = lang.of(
                format!("{rate} a second, shared; the store gave a turn"),
                format!("每秒 {rate} 次，共享；存储可用"),
            );
            checks.add(ID, Status::Ok, found)
        }
        (None, false, _) => {
            let found =
                lang.of(format!("{rate} a second, for this process alone"), format!("每秒 {rate} 次，仅限本进程"));
            checks.add(ID, Status::Ok, found)
        }
    };
    check.fact("perSecond", rate.per_second()).fact("shared", stated.shares_limit());
}
