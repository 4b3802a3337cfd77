//! A certificate authority and a server certificate, made at the start of the HTTPS variant.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

/// What the server's certificate is to say.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Whether it has expired long ago.
    pub expired: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self { names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()], expired: false }
    }
}

impl Tls {
    /// The same for the address that the server was told to listen on, too; one that stands for all of them names none.
    pub(crate) fn also_for(&self, listen: IpAddr) -> Self {
        let mut tls = self.clone();
        let name = listen.to_string();
        if !listen.is_unspecified() && listen != Ipv4Addr::LOCALHOST && !tls.names.contains(&name) {
            tls.names.push(name);
        }
        tls
    }
}

/// A server's TLS configuration and who vouches for it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    pub(crate) config: Arc<ServerConfig>,
}

impl Identity {
    /// Makes new keys, an authority and a certificate.
    pub(crate) fn make(tls: &Tls) -> Result<Self, String> {
        let ca_key = KeyPair::generate().map_err(text)?;
        let mut ca = CertificateParams::new(Vec::new()).map_err(text)?;
        // Each authority has a name of its own, so that a stranger's is unknown rather than an impostor.
        let name = format!("yspay simulator: test authority {}", hexadecimal(ca_key.public_key_raw(), 16));
        ca.distinguished_name.push(DnType::CommonName, name);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = ca.self_signed(&ca_key).map_err(text)?.pem();
        let issuer = Issuer::new(ca, ca_key);

        let key = KeyPair::generate().map_err(text)?;
        let mut server = CertificateParams::new(tls.names.clone()).map_err(text)?;
        server.distinguished_name.push(DnType::CommonName, "yspay simulator");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        if tls.expired {
            server.not_before = rcgen::date_time_ymd(2001, 1, 1);
            server.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }
        let certificate = server.signed_by(&key, &issuer).map_err(text)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(text)?;

        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(text)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(text)?;
        Ok(Self { ca_pem, config: Arc::new(config) })
    }
}

fn hexadecimal(bytes: &[u8], most: usize) -> String {
    bytes.iter().rev().take(most).map(|byte| format!("{byte:02x}")).collect()
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
