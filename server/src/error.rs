//! Why a server does not start.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start. Its text says what is wrong and what to do.
#[derive(Debug)]
pub enum Error {
    /// The app's folder or a file in it cannot be read.
    App {
        /// What could not be read.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The folder is no built app.
    NoIndex {
        /// The folder without an `index.html`.
        path: PathBuf,
    },
    /// The address cannot be bound.
    Bind {
        /// The wanted address.
        address: SocketAddr,
        /// The system's reason.
        cause: io::Error,
    },
    /// Threads or the event loop cannot be started.
    Runtime(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App { path, cause } => {
                write!(f, "{}: cannot be read ({cause}); give the folder of the built app", path.display())
            }
            Self::NoIndex { path } => write!(
                f,
                "{}: holds no index.html; give the folder of the built app (`cargo xtask dist` writes it to dist)",
                path.display()
            ),
            Self::Bind { address, cause } => {
                write!(f, "{address}: cannot be listened on ({cause}); choose another address or port")
            }
            Self::Runtime(cause) => {
                write!(f, "the server's threads cannot be started ({cause}); check the system's limits")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::App { cause, .. } | Self::Bind { cause, .. } | Self::Runtime(cause) => Some(cause),
            Self::NoIndex { .. } => None,
        }
    }
}
