//! A certificate authority of a test's own, and what it vouches for.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::files::Scratch;

pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Its name is its own, so that a stranger's certificate is of an unknown issuer.
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.distinguished_name.push(DnType::CommonName, format!("store tests: {name}"));
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = ca.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(ca, key) }
    }

    /// Writes `{name}.crt` and `{name}.key`.
    pub(crate) fn vouch(&self, folder: &Scratch, name: &str, host: &str, expired: bool) {
        let key = KeyPair::generate().unwrap();
        let mut server = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if expired {
            server.not_before = rcgen::date_time_ymd(2001, 1, 1);
            server.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }
        folder.write(&format!("{name}.crt"), server.signed_by(&key, &self.issuer).unwrap().pem());
        folder.write(&format!("{name}.key"), key.serialize_pem());
    }
}
