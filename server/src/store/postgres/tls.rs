//! Encrypted connections to the database, verified.

use crate::store::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Verifies the database's certificate and name by the authorities in the file, or those the system trusts.
pub(super) fn connector(authority: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let refused = |cause: String| StoreError::Unavailable(format!("the database's authority: {cause}"));
    let mut roots = RootCertStore::empty();
    match authority {
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(file).map_err(|cause| refused(cause.to_string()))? {
                let certificate = certificate.map_err(|cause| refused(cause.to_string()))?;
                roots.add(certificate).map_err(|cause| refused(cause.to_string()))?;
            }
            if roots.is_empty() {
                return Err(refused("the file holds no certificate".to_owned()));
            }
        }
        // A system without any can still connect unencrypted (`prefer`), and says what is missing with `require`.
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| refused(cause.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
