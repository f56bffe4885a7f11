//! TLS to the database.

use crate::failure::Failure;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature as tls12, verify_tls13_signature as tls13,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Whom it speaks to. Roots are a file, or those of the machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Whoever answers: what is said is sealed, and nothing is known of who hears it.
    Anyone,
    /// Whoever has a certificate of these roots.
    Issued(Option<PathBuf>),
    /// Whoever has one in the name of the host.
    Named(Option<PathBuf>),
}

/// What makes connections of this trust.
pub(super) fn connector(trust: &Trust) -> Result<MakeRustlsConnect, Failure> {
    let provider = Arc::new(ring::default_provider());
    let issued = |roots: &Option<PathBuf>| verifier(&provider, roots.as_deref()).map(Some);
    let (issued, is_named) = match trust {
        Trust::Anyone => (None, false),
        Trust::Issued(roots) => (issued(roots)?, false),
        Trust::Named(roots) => (issued(roots)?, true),
    };
    let looks = Looks {
        provider: Arc::clone(&provider),
        issued,
        is_named,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Unavailable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(looks))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(
    provider: &Arc<CryptoProvider>,
    file: Option<&Path>,
) -> Result<Arc<WebPkiServerVerifier>, Failure> {
    let unusable = |why: String| Failure::Unavailable(format!("sslrootcert: {why}"));
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let all = CertificateDer::pem_file_iter(path);
            for certificate in all.map_err(|error| unusable(error.to_string()))? {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                let added = roots.add(certificate);
                added.map_err(|error| unusable(error.to_string()))?;
            }
        }
        None => {
            let known = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(known.certs);
        }
    }
    let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    built.build().map_err(|error| unusable(error.to_string()))
}

/// Looks at the server's certificate as far as it is asked to.
#[derive(Debug)]
struct Looks {
    provider: Arc<CryptoProvider>,
    issued: Option<Arc<WebPkiServerVerifier>>,
    is_named: bool,
}

impl ServerCertVerifier for Looks {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(issued) = &self.issued else {
            return Ok(ServerCertVerified::assertion());
        };
        match issued.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if !self.is_named =>
            {
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        tls12(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        tls13(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
