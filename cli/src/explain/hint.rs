//! What would tell more, or what to look at next.

use crate::lang::Lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    MerchantKey,
    PlatformKey,
    DesKey,
    /// `desKey` stands in the message itself.
    KeyInside,
    /// What was refused without a signature.
    Request,
    /// It is right, and was refused all the same.
    RegisteredCertificate,
}

impl Hint {
    pub(super) fn id(self) -> &'static str {
        match self {
            Hint::MerchantKey => "merchantKey",
            Hint::PlatformKey => "platformKey",
            Hint::DesKey => "desKey",
            Hint::KeyInside => "keyInside",
            Hint::Request => "request",
            Hint::RegisteredCertificate => "registeredCertificate",
        }
    }

    pub(super) fn told(self, lang: Lang) -> &'static str {
        match self {
            Hint::MerchantKey => lang.of(
                "The institution's key is not known: --merchant-cert FILE names its certificate or public key, --config a \
                 configuration with the private one.",
                "不知道商户的密钥：请用 --merchant-cert FILE 指定商户证书或公钥，或用 --config 指定带私钥的配置文件。",
            ),
            Hint::PlatformKey => lang.of(
                "The platform's key is not known: --platform-cert FILE names its certificate, --config a configuration with it.",
                "不知道平台的密钥：请用 --platform-cert FILE 指定平台证书，或用 --config 指定带平台证书的配置文件。",
            ),
            Hint::DesKey => lang.of(
                "desKey is not known, so data stays encrypted: --des-key-env NAME or --des-key-file FILE says where it is, \
                 or --config.",
                "不知道 desKey，无法解密 data：请用 --des-key-env NAME 或 --des-key-file FILE 指明它在哪里，或用 --config。",
            ),
            Hint::KeyInside => lang.of(
                "desKey stands in the message itself, shown here as ⟨desKey⟩: it is a secret that is never sent, so leave it \
                 out.",
                "报文里出现了 desKey（这里显示为 ⟨desKey⟩）：它是密钥，绝不能随报文发送，请去掉。",
            ),
            Hint::Request => lang.of(
                "An unsigned answer is mostly the refusal of a request, and what is wrong is in that: give the body that was \
                 sent, too.",
                "没有签名的应答多半是拒绝了请求，问题出在请求里：请把当时发出的报文体也给出来。",
            ),
            Hint::RegisteredCertificate => lang.of(
                "The request before it is right by the keys that are known here. If it was refused for its signature, YSEPAY \
                 verifies with another certificate, or as the other of RSA and SM: compare the certificate that YSEPAY has \
                 (--merchant-cert FILE), and check src and the environment, test or production.",
                "按这里已知的密钥，前面的请求没有问题。如果仍被判验签失败，说明银盛用的是另一份证书，或者登记的不是这种算法（RSA/SM）：\
                 请核对提供给银盛的证书（用 --merchant-cert FILE 可比对），以及 src 和环境（测试还是生产）。",
            ),
        }
    }
}
