//! TLS in place of ureq's own connector, for a call that is traced: it trusts the same roots, and tells who the server is
//! also when it is refused.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned};
use ureq::Error;
use ureq::tls::RootCerts;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use super::attempt::Attempt;
use crate::keys;
use crate::report::CertificateDescription;
use crate::signal::lock;
use crate::trace::{RootTrace, TlsTrace};

#[derive(Debug)]
pub(super) struct NotedTls;

impl<In: Transport> Connector<In> for NotedTls {
    type Out = Either<In, NotedTransport>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let roots = trusted(details.config.tls_config().root_certs());
        let verifier = Arc::new(NotingVerifier::new(&roots)?);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(rustls::ALL_VERSIONS)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let host = details.uri.host().unwrap_or_default();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::try_from(bare).map_err(|_| Error::Tls("the endpoint's host is no name for TLS"))?;
        let mut connection = ClientConnection::new(Arc::new(config), name.to_owned())?;
        let mut socket = TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        let shaken = connection.complete_io(&mut socket);
        let chain = std::mem::take(&mut *lock(&verifier.chain));
        Attempt::note(|notes| {
            let version = shaken.is_ok().then(|| connection.protocol_version()).flatten();
            notes.shakes_hands(TlsTrace {
                version: version.and_then(|version| version.as_str().map(str::to_owned)),
                certificate: chain.first().and_then(|der| described(der)),
                root: root_of(&chain, &roots),
            });
        });
        shaken?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(NotedTransport { buffers, stream: StreamOwned::new(connection, socket) })))
    }
}

/// The roots that ureq would trust.
fn trusted(roots: &RootCerts) -> Vec<CertificateDer<'static>> {
    match roots {
        RootCerts::Specific(roots) => roots.iter().map(|root| CertificateDer::from(root.der().to_vec())).collect(),
        _ => webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec(),
    }
}

fn described(der: &[u8]) -> Option<CertificateDescription> {
    keys::facts(der).map(|facts| CertificateDescription::of(&facts, std::time::SystemTime::now()))
}

/// The first root, from the server's certificate up, that the chain names as an issuer.
fn root_of(chain: &[CertificateDer<'_>], roots: &[CertificateDer<'_>]) -> Option<RootTrace> {
    let facts = chain.iter().filter_map(|der| keys::facts(der));
    let named: Vec<String> = facts.map(|facts| facts.issuer).collect();
    let subjects: Vec<Option<String>> = roots.iter().map(|der| keys::facts(der).map(|facts| facts.subject)).collect();
    let index = named.iter().find_map(|name| subjects.iter().position(|subject| subject.as_ref() == Some(name)))?;
    let root = roots.get(index)?;
    let is_bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().any(|bundled| bundled == root);
    Some(RootTrace { certificate: described(root)?, is_of_ca_file: !is_bundled })
}

/// Judges as rustls does, and keeps what it was shown.
struct NotingVerifier {
    judge: Arc<WebPkiServerVerifier>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl NotingVerifier {
    fn new(roots: &[CertificateDer<'static>]) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::new(ring::default_provider()))
            .build()
            .map_err(|_| Error::Tls("there is no trusted root"))?;
        Ok(NotingVerifier { judge, chain: Mutex::default() })
    }
}

impl fmt::Debug for NotingVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotingVerifier")
    }
}

impl ServerCertVerifier for NotingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = std::iter::once(end_entity).chain(intermediates);
        *lock(&self.chain) = shown.map(|der| der.clone().into_owned()).collect();
        self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

pub(super) struct NotedTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for NotedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        Ok(self.stream.write_all(&self.buffers.output()[..amount])?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for NotedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotedTransport")
    }
}
